import { DataLine } from "@element-plus/icons-vue";
import { CENTRE } from "../lib/roles";
import { defineRoom } from "../lib/room";

const SEES = [...CENTRE, "handler"];

export default defineRoom({
  room: "dashboard",
  title: "dashboard.menu",
  order: 20,
  icon: DataLine,
  pages: [
    {
      path: "stats",
      name: "dashboard.stats",
      title: "dashboard.page.stats",
      menu: true,
      roles: SEES,
      component: () => import("../views/dashboard/StatsBoard.vue"),
    },
    {
      path: "hot",
      name: "dashboard.hot",
      title: "dashboard.page.hot",
      menu: true,
      roles: SEES,
      component: () => import("../views/dashboard/HotBoard.vue"),
    },
    {
      path: "screen",
      name: "dashboard.screen",
      title: "dashboard.page.screen",
      menu: true,
      roles: CENTRE,
      bare: true,
      component: () => import("../views/dashboard/BigScreen.vue"),
    },
  ],
});

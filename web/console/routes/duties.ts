import { Connection } from "@element-plus/icons-vue";
import { CASE_ROLES } from "../lib/roles";
import { defineRoom } from "../lib/room";

const READERS = [...CASE_ROLES, "system_admin"] as const;

export default defineRoom({
  room: "duties",
  title: "duties.menu",
  order: 50,
  icon: Connection,
  pages: [
    {
      path: "duties/rules",
      name: "duties.rules",
      title: "duties.page.rules",
      menu: true,
      roles: READERS,
      component: () => import("../views/duties/Rules.vue"),
    },
    {
      path: "duties/gaps",
      name: "duties.gaps",
      title: "duties.page.gaps",
      menu: true,
      roles: ["dispatcher", "duty_chief", "leader", "evaluator", "system_admin"],
      component: () => import("../views/duties/Gaps.vue"),
    },
    {
      path: "duties/pairings",
      name: "duties.pairings",
      title: "duties.page.pairings",
      menu: true,
      roles: READERS,
      component: () => import("../views/duties/Pairings.vue"),
    },
  ],
});

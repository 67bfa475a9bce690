import { Tickets } from "@element-plus/icons-vue";
import { CASE_ROLES } from "../lib/roles";
import { defineRoom } from "../lib/room";

export default defineRoom({
  room: "cases",
  title: "cases.menu",
  order: 10,
  icon: Tickets,
  pages: [
    {
      path: "cases",
      name: "cases.list",
      title: "cases.page.list",
      menu: true,
      roles: CASE_ROLES,
      component: () => import("../views/cases/CaseList.vue"),
    },
  ],
});

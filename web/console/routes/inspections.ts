import { View } from "@element-plus/icons-vue";
import { defineRoom } from "../lib/room";

export default defineRoom({
  room: "inspections",
  title: "inspections.menu",
  order: 24,
  icon: View,
  pages: [
    {
      path: "observations",
      name: "inspections.observations",
      title: "inspections.page.observations",
      menu: true,
      roles: ["evaluator", "leader", "system_admin", "handler"],
      component: () => import("../views/inspections/Observations.vue"),
    },
  ],
});

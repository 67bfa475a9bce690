import { Phone } from "@element-plus/icons-vue";
import { defineRoom } from "../lib/room";

export default defineRoom({
  room: "intake",
  title: "intake.menu",
  order: 30,
  icon: Phone,
  pages: [
    {
      path: "hotline",
      name: "intake.hotline",
      title: "intake.page.hotline",
      menu: true,
      roles: ["acceptor", "dispatcher", "duty_chief", "evaluator", "leader"],
      component: () => import("../views/intake/HotlineOrders.vue"),
    },
  ],
});

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
    {
      path: "open311/links",
      name: "intake.links",
      title: "intake.page.links",
      menu: true,
      roles: ["dispatcher", "duty_chief", "leader"],
      component: () => import("../views/intake/Open311Links.vue"),
    },
    {
      path: "open311/servers",
      name: "intake.servers",
      title: "intake.page.servers",
      menu: true,
      roles: ["system_admin"],
      component: () => import("../views/intake/Open311Servers.vue"),
    },
  ],
});

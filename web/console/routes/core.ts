import { Setting } from "@element-plus/icons-vue";
import { defineRoom } from "../lib/room";

export default defineRoom({
  room: "core",
  title: "core.menu",
  order: 90,
  icon: Setting,
  pages: [
    {
      path: "notices",
      name: "core.notices",
      title: "core.page.notices",
      menu: true,
      component: () => import("../views/core/Notices.vue"),
    },
    {
      path: "system/calendar",
      name: "core.calendar",
      title: "core.page.calendar",
      menu: true,
      roles: ["system_admin", "duty_chief", "leader", "dispatcher"],
      component: () => import("../views/core/WorkCalendar.vue"),
    },
    {
      path: "system/numbers",
      name: "core.numbers",
      title: "core.page.numbers",
      menu: true,
      roles: ["system_admin"],
      component: () => import("../views/core/Numbers.vue"),
    },
    {
      path: "system/channels",
      name: "core.channels",
      title: "core.page.channels",
      menu: true,
      roles: ["system_admin"],
      component: () => import("../views/core/Channels.vue"),
    },
    {
      path: "system/health",
      name: "core.health",
      title: "core.page.health",
      menu: true,
      roles: ["system_admin", "audit_admin"],
      component: () => import("../views/core/Health.vue"),
    },
    {
      path: "system/journal",
      name: "core.journal",
      title: "core.page.journal",
      menu: true,
      roles: ["audit_admin"],
      component: () => import("../views/core/Journal.vue"),
    },
  ],
});

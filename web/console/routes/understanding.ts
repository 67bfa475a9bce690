import { MagicStick } from "@element-plus/icons-vue";
import { defineRoom } from "../lib/room";

export default defineRoom({
  room: "understanding",
  title: "understanding.menu",
  order: 25,
  icon: MagicStick,
  pages: [
    {
      path: "judgement",
      name: "understanding.judgement",
      title: "understanding.page.judgement",
      menu: true,
      roles: ["duty_chief", "leader", "system_admin"],
      component: () => import("../views/understanding/JudgementBoard.vue"),
    },
    {
      path: "judgement/duplicates",
      name: "understanding.duplicates",
      title: "understanding.page.duplicates",
      menu: true,
      roles: ["duty_chief", "leader", "system_admin"],
      component: () => import("../views/understanding/DuplicateBoard.vue"),
    },
  ],
});

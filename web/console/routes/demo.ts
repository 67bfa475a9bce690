import { VideoPlay } from "@element-plus/icons-vue";
import { CENTRE } from "../lib/roles";
import { defineRoom } from "../lib/room";

export default defineRoom({
  room: "demo",
  title: "demo.menu",
  order: 90,
  icon: VideoPlay,
  demo: true,
  pages: [
    {
      path: "demo/run",
      name: "demo.run",
      title: "demo.page.run",
      menu: true,
      roles: [...CENTRE, "handler"],
      component: () => import("../views/demo/RunBoard.vue"),
    },
  ],
});

import { Files } from "@element-plus/icons-vue";
import { defineRoom } from "../lib/room";

/** Who sees every unit's materials. */
const READERS = ["evaluator", "leader", "system_admin"] as const;
const ALL = [...READERS, "handler"] as const;

export default defineRoom({
  room: "materials",
  title: "materials.menu",
  order: 23,
  icon: Files,
  pages: [
    {
      path: "materials",
      name: "materials.list",
      title: "materials.page.list",
      menu: true,
      roles: ALL,
      component: () => import("../views/materials/Filings.vue"),
    },
    {
      path: "materials/:id(\\d+)",
      name: "materials.one",
      title: "materials.page.one",
      under: "materials.list",
      roles: ALL,
      props: true,
      component: () => import("../views/materials/Filing.vue"),
    },
    {
      path: "materials/review",
      name: "materials.review",
      title: "materials.page.review",
      menu: true,
      roles: ["evaluator"],
      component: () => import("../views/materials/Review.vue"),
    },
    {
      path: "materials/wall",
      name: "materials.wall",
      title: "materials.page.wall",
      menu: true,
      roles: ALL,
      component: () => import("../views/materials/Wall.vue"),
    },
    {
      path: "materials/batch",
      name: "materials.batch",
      title: "materials.page.batch",
      under: "materials.list",
      roles: ["handler"],
      component: () => import("../views/materials/Batch.vue"),
    },
    {
      path: "materials/library",
      name: "materials.library",
      title: "materials.page.library",
      menu: true,
      roles: ALL,
      component: () => import("../views/materials/Library.vue"),
    },
  ],
});

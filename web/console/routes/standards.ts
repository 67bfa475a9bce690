import { Notebook } from "@element-plus/icons-vue";
import { CASE_ROLES } from "../lib/roles";
import { defineRoom } from "../lib/room";

const READERS = [...CASE_ROLES, "system_admin"] as const;

export default defineRoom({
  room: "standards",
  title: "standards.menu",
  order: 60,
  icon: Notebook,
  pages: [
    {
      path: "standards/catalogues",
      name: "standards.catalogues",
      title: "standards.page.catalogues",
      menu: true,
      roles: READERS,
      component: () => import("../views/standards/Catalogues.vue"),
    },
    {
      path: "standards/catalogues/:id(\\d+)",
      name: "standards.catalogue",
      title: "standards.page.catalogue",
      under: "standards.catalogues",
      component: () => import("../views/standards/CatalogueEdit.vue"),
      props: true,
    },
  ],
});

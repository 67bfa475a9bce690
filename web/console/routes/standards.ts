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
      path: "standards/editions",
      name: "standards.editions",
      title: "editions.page.list",
      menu: true,
      roles: READERS,
      component: () => import("../views/standards/Editions.vue"),
    },
    {
      path: "standards/editions/import",
      name: "standards.edition_import",
      title: "editions.import",
      under: "standards.editions",
      component: () => import("../views/standards/EditionImport.vue"),
    },
    {
      path: "standards/editions/:id(\\d+)",
      name: "standards.edition",
      title: "editions.page.one",
      under: "standards.editions",
      component: () => import("../views/standards/EditionEdit.vue"),
      props: true,
    },
    {
      path: "standards/edition-crosswalks/:id(\\d+)",
      name: "standards.crosswalk",
      title: "editions.page.crosswalk",
      under: "standards.editions",
      component: () => import("../views/standards/CrosswalkEdit.vue"),
      props: true,
    },
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

import { MapLocation } from "@element-plus/icons-vue";
import { defineRoom, type RoomPage } from "../lib/room";

function list(name: string): RoomPage {
  return {
    path: `places/${name}`,
    name: `places.${name}`,
    title: `places.page.${name.replace("-", "_")}`,
    menu: true,
    roles: ["system_admin", "duty_chief", "leader"],
    component: () => import("../views/places/PlaceList.vue"),
  };
}
const SEEING = ["system_admin", "duty_chief", "leader"] as const;

export default defineRoom({
  room: "places",
  title: "places.menu",
  order: 40,
  icon: MapLocation,
  pages: [
    {
      path: "places/regions",
      name: "places.regions",
      title: "places.page.regions",
      menu: true,
      roles: SEEING,
      component: () => import("../views/places/Regions.vue"),
    },
    list("cells"),
    list("roads"),
    list("sites"),
    list("shops"),
    list("components"),
    {
      path: "places/names",
      name: "places.names",
      title: "places.page.names",
      menu: true,
      roles: SEEING,
      component: () => import("../views/places/PlaceNames.vue"),
    },
    list("site-types"),
    {
      path: "places/codes",
      name: "places.codes",
      title: "places.page.codes",
      menu: true,
      roles: ["system_admin"],
      component: () => import("../views/places/CodeTemplates.vue"),
    },
  ],
});

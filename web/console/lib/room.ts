/** A room of the console: a group of the side menu and its pages. Files in routes/ are collected by themselves. */
import type { Component } from "vue";
import type { RouteRecordRaw } from "vue-router";

export interface RoomPage {
  /** path under /console/, e.g. "cases/:id" */
  path: string;
  name: string;
  component: () => Promise<unknown>;
  /** i18n key of the page's title; also the menu's text */
  title: string;
  /** shown in the side menu */
  menu?: boolean;
  /** any of these roles sees it; absent: everybody. The server decides all the same. */
  roles?: readonly string[];
  /** the menu entry to light up while this page is open */
  under?: string;
  /** no side menu, no top bar (big screen) */
  bare?: boolean;
  props?: boolean;
}

export interface Room {
  room: string;
  /** i18n key of the group */
  title: string;
  order: number;
  icon: Component;
  pages: RoomPage[];
  /** only in the menu of a demo city */
  demo?: boolean;
}

export function defineRoom(room: Room): Room {
  return room;
}

declare module "vue-router" {
  interface RouteMeta {
    title: string;
    roles?: readonly string[];
    under?: string;
    bare?: boolean;
  }
}

export function collect(files: Record<string, { default: Room }>): Room[] {
  return Object.values(files)
    .map((f) => f.default)
    .sort((a, b) => a.order - b.order);
}

export function routesOf(rooms: readonly Room[]): RouteRecordRaw[] {
  return rooms.flatMap((room) =>
    room.pages.map(
      (p): RouteRecordRaw => ({
        path: `/${p.path}`,
        name: p.name,
        component: p.component as () => Promise<Component>,
        props: p.props ?? false,
        meta: { title: p.title, roles: p.roles, under: p.under, bare: p.bare },
      }),
    ),
  );
}

/** The groups and entries that somebody with `roles` sees; those of a demo city only where it is one. */
export function menuOf(rooms: readonly Room[], roles: readonly string[], demo = false): Room[] {
  const mine = new Set(roles);
  return rooms
    .filter((room) => !room.demo || demo)
    .map((room) => ({
      ...room,
      pages: room.pages.filter((p) => p.menu && (!p.roles || p.roles.some((r) => mine.has(r)))),
    }))
    .filter((room) => room.pages.length > 0);
}

import { api, type Schemas } from "@shared/api";
import { defineStore } from "pinia";
import { computed, ref, shallowRef } from "vue";

type Me = Schemas["MeOut"];

/** Who is signed in, with roles and the city's words. Asked once; unread counts come with the bell. */
export const useMe = defineStore("me", () => {
  const me = shallowRef<Me | null>(null);
  const unread = ref(0);
  const roles = computed<string[]>(() => me.value?.roles ?? []);
  const city = computed<string>(() => me.value?.city ?? "");

  async function load(): Promise<void> {
    me.value = await api.get<Me>("/me");
    unread.value = me.value?.unread ?? 0;
  }
  function has(...wanted: string[]): boolean {
    return wanted.some((r) => roles.value.includes(r));
  }
  /** The city's own word for a key such as `state.checking`, or nothing. */
  function word(key: string): string | undefined {
    return me.value?.words?.[key];
  }
  return { me, unread, roles, city, load, has, word };
});

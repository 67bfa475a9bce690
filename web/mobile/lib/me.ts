/** Who is signed in on this phone: staff, or nobody. Known from the last time where there is no network. */
import { ApiProblem, api, type Schemas } from "@shared/api";
import { computed, ref } from "vue";
import { forget, keep, kept } from "./copies";

export type Me = Schemas["MeOut"];
export const me = ref<Me | null>(null);
export const city = ref("");
export const staff = computed(() => me.value !== null);

/** Roles that work cases in the street. */
const FIELD = ["handler", "checker", "collector", "acceptor", "dispatcher", "duty_chief"];
export const hasTasks = computed(() => me.value?.roles.some((r) => FIELD.includes(r)) ?? false);

export async function loadMe(): Promise<void> {
  const last = await kept<Me>("me");
  if (last) me.value = last.value;
  try {
    const here = await api.get<Schemas["HereOut"]>("/public/here");
    city.value = here.city;
    if (!here.signed_in) {
      me.value = null;
      await forget("me");
      return;
    }
    me.value = await api.get<Me>("/me");
    await keep("me", me.value);
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 401) {
      me.value = null;
      await forget("me");
    }
  }
}

/** What other people's phones must not show after this one's owner has signed out. */
export async function forgetMe(): Promise<void> {
  me.value = null;
  await forget("me");
  await forget("desk");
  await forget("case:");
}

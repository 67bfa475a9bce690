/** The open rounds of a unit's handler and the one that is looked at (in the address bar). */
import { api, type Page } from "@shared/api";
import { computed, onMounted, ref, shallowRef } from "vue";
import { useRoute, useRouter } from "vue-router";
import { fail } from "../../../lib/toast";
import type { RoundRow } from "./round";

export function useMyRounds() {
  const route = useRoute();
  const router = useRouter();
  const rounds = shallowRef<RoundRow[]>([]);
  const loaded = ref(false);
  const id = computed<number | undefined>(() => {
    const asked = Number(route.query.round ?? 0);
    if (rounds.value.some((r) => r.id === asked)) return asked;
    return (rounds.value.find((r) => r.status === "open") ?? rounds.value[0])?.id;
  });
  const round = computed(() => rounds.value.find((r) => r.id === id.value));
  async function load(): Promise<void> {
    try {
      rounds.value = (await api.get<Page<RoundRow>>("/rounds", { limit: 100 })).items;
    } catch (error) {
      fail(error);
    } finally {
      loaded.value = true;
    }
  }
  onMounted(load);
  function choose(next: number): void {
    void router.replace({ query: { round: String(next) } });
  }
  return { rounds, round, id, loaded, load, choose };
}

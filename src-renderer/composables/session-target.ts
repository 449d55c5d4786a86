/** The connection and product that sessions are added to: what three dialogs let choose. */
import { computed, ref, watch } from 'vue';
import { useI18n } from 'vue-i18n';
import { productsByProvider } from '../contract.ts';
import type { Product } from '../contract.ts';
import { useConnections } from '../stores/connections.ts';

/** A product that the chosen connection does not have gives way to its first. */
export function useSessionTarget(initial: { connectionId?: string; product?: Product } = {}) {
  const { t } = useI18n();
  const connections = useConnections();
  const connectionId = ref(initial.connectionId ?? '');
  const product = ref<Product>(initial.product ?? 'geft');
  const connection = computed(() => connections.byId.get(connectionId.value));
  const provider = computed(() => connection.value?.options.provider ?? 'flinks');
  const productOptions = computed(() =>
    productsByProvider[provider.value].map((name) => ({ value: name, label: t(`product.${name}`) })),
  );
  const connectionOptions = computed(() =>
    (connections.list ?? []).map((each) => ({
      value: each.id,
      label: `${each.name} · ${t(`environment.${each.environment}`)}`,
    })),
  );
  watch(
    provider,
    (next) => {
      const fitting = productsByProvider[next];
      if (!fitting.includes(product.value)) product.value = fitting[0] ?? 'geft';
    },
    { immediate: true },
  );
  return { connectionId, product, connection, provider, productOptions, connectionOptions };
}

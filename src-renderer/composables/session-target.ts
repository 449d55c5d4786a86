/** The connection and product of new sessions, for the three dialogs that add sessions. */
import { computed, ref, watch } from 'vue';
import { useI18n } from 'vue-i18n';
import { productsByProvider } from '../contract.ts';
import type { Product } from '../contract.ts';
import { useConnections } from '../stores/connections.ts';

/** If the selected connection's provider does not have the product, its first product is selected. */
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
      const available = productsByProvider[next];
      if (!available.includes(product.value)) product.value = available[0] ?? 'geft';
    },
    { immediate: true },
  );
  return { connectionId, product, connection, provider, productOptions, connectionOptions };
}

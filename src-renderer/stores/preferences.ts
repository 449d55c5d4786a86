/** What this person likes on this machine. */
import { defineStore } from 'pinia';
import { shallowRef, watchEffect } from 'vue';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];
export const densities = ['comfortable', 'compact'] as const;
export type Density = (typeof densities)[number];

function saved<Value extends string>(name: string, allowed: readonly Value[], otherwise: Value): Value {
  const value = localStorage.getItem(name);
  return allowed.find((candidate) => candidate === value) ?? otherwise;
}

export const usePreferences = defineStore('preferences', () => {
  const theme = shallowRef<Theme>(saved('theme', themes, 'system'));
  const density = shallowRef<Density>(saved('density', densities, 'comfortable'));

  watchEffect(() => {
    document.documentElement.dataset['theme'] = theme.value;
    localStorage.setItem('theme', theme.value);
  });
  watchEffect(() => {
    document.documentElement.dataset['density'] = density.value;
    localStorage.setItem('density', density.value);
  });

  return { theme, density };
});

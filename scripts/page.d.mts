/** A plugin for Vite. */
export function pagePlugin(): { readonly name: string; load(id: string): Promise<string | undefined> };

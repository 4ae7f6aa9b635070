import type { Settings } from "./store";

const NONE: Settings = { model: "", system: "", temperature: null, maxTokens: null };

/** The model that a person chose last; a new conversation begins with it, and with nothing else set. */
export function lastSettings(uid: string): Settings {
  return { ...NONE, model: localStorage.getItem(nameOf(uid)) ?? "" };
}

export function keepSettings(uid: string, { model }: Settings): void {
  localStorage.setItem(nameOf(uid), model);
}

const nameOf = (uid: string) => `farebox.chat-model.${uid}`;

import type { Schema } from "@/api/client";

export type CaptchaService = Schema<"CaptchaWidget">["service"];

/** What the scripts of all three services offer, as one of them called it first (`render=explicit`). */
export interface CaptchaScript {
  render(place: HTMLElement, options: CaptchaOptions): unknown;
  /** Takes a widget away. reCAPTCHA's go with their place. */
  remove?(widget: unknown): void;
}

interface CaptchaOptions {
  sitekey: string;
  theme: "light" | "dark";
  size: "normal" | "compact";
  callback: (answer: string) => void;
  "expired-callback": () => void;
  "error-callback": () => void;
}

const READY = "fareboxCaptchaReady";
const QUERY = `?render=explicit&onload=${READY}`;

const SERVICES: Record<CaptchaService, { script: string; offers: string }> = {
  turnstile: { script: `https://challenges.cloudflare.com/turnstile/v0/api.js${QUERY}`, offers: "turnstile" },
  recaptcha: { script: `https://www.google.com/recaptcha/api.js${QUERY}`, offers: "grecaptcha" },
  hcaptcha: { script: `https://js.hcaptcha.com/1/api.js${QUERY}`, offers: "hcaptcha" },
};

let loading: Promise<CaptchaScript> | null = null;

/** The service's script, loaded once for the page. Rejects where it does not come; the next call tries again. */
export function captchaScript(service: CaptchaService): Promise<CaptchaScript> {
  loading ??= load(service).catch((error) => {
    loading = null;
    throw error;
  });
  return loading;
}

function load(service: CaptchaService): Promise<CaptchaScript> {
  const { script, offers } = SERVICES[service];
  const page = window as unknown as Record<string, unknown>;
  return new Promise((resolve, reject) => {
    page[READY] = () => resolve(page[offers] as CaptchaScript);
    const element = document.createElement("script");
    element.src = script;
    element.async = true;
    element.onerror = () => {
      element.remove();
      reject(new Error(`${service} did not load`));
    };
    document.head.append(element);
  });
}

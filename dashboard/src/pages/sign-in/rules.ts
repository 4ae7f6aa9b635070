import { t } from "@lingui/core/macro";

const LEAST_PASSWORD = 8; // the server decides; this only saves a round trip

export const isEmail = (text: string) =>
  /^\S+@\S+$/.test(text.trim()) ? null : t`Write your e-mail address, like ada@example.com.`;

export const isPassword = (text: string) =>
  text.length >= LEAST_PASSWORD ? null : t`Use at least ${LEAST_PASSWORD} characters.`;

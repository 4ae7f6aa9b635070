const LEAST_PASSWORD = 8; // the server decides; this only saves a round trip

export const isEmail = (text: string) =>
  /^\S+@\S+$/.test(text.trim()) ? null : "Write your e-mail address, like ada@example.com.";

export const isPassword = (text: string) =>
  text.length >= LEAST_PASSWORD ? null : `Use at least ${LEAST_PASSWORD} characters.`;

/** Passkeys in the browser: what WebAuthn (https://www.w3.org/TR/webauthn-3/) does with the options that the server sends. */
import { t } from "@lingui/core/macro";
import { Problem } from "@/api/problem";

type Options = Record<string, unknown>;
/** What the server reads: a `PublicKeyCredential` as JSON. */
export type PasskeyAnswer = Record<string, unknown>;

/** Whether this browser knows passkeys. It offers them on secure pages alone. */
export function knowsPasskeys(): boolean {
  return typeof PublicKeyCredential === "function" && "parseCreationOptionsFromJSON" in PublicKeyCredential;
}

/** Have the person make a passkey. Throws a `Problem` where they did not. */
export function makePasskey(options: Options): Promise<PasskeyAnswer> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    options as unknown as PublicKeyCredentialCreationOptionsJSON,
  );
  return answered(navigator.credentials.create({ publicKey }));
}

/** Have the person show a passkey. Throws a `Problem` where they did not. */
export function showPasskey(options: Options): Promise<PasskeyAnswer> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    options as unknown as PublicKeyCredentialRequestOptionsJSON,
  );
  return answered(navigator.credentials.get({ publicKey }));
}

async function answered(asked: Promise<Credential | null>): Promise<PasskeyAnswer> {
  try {
    const credential = await asked;
    if (credential instanceof PublicKeyCredential) return credential.toJSON() as unknown as PasskeyAnswer;
  } catch (error) {
    if (error instanceof DOMException && error.name === "InvalidStateError") {
      throw new Problem(t`This device has a passkey for this account already.`, 0, "passkey_known");
    }
  }
  throw new Problem(
    t`The passkey was not used: it was declined, or it took too long.`,
    0,
    "passkey_declined",
  );
}

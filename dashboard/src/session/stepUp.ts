/** A second factor, asked for once more: in one place, whichever call the server wants it for. */
import { openApi, unwrap } from "@/api/transport";
import { knowsPasskeys, showPasskey } from "./passkeys";

let asking: Promise<boolean> | null = null;

/** Have the person show their second factor, which then counts for a while. Answers whether they did. Calls that want it
 * at once share one question. */
export function stepUp(token: string): Promise<boolean> {
  asking ??= ask(token).finally(() => {
    asking = null;
  });
  return asking;
}

async function ask(token: string): Promise<boolean> {
  const headers = { authorization: `Bearer ${token}` };
  const [{ askForFactor }, factors] = await Promise.all([
    import("@/kit/askForFactor"), // loads only when it is asked for
    unwrap(openApi().GET("/api/auth/second-factor", { headers })),
  ]);
  const hasPasskeys = factors.passkeys.length > 0 && knowsPasskeys();
  return askForFactor({
    hasCodes: factors.totp || factors.recovery_codes_left > 0,
    askPasskey: !hasPasskeys
      ? null
      : async () => {
          const asked = openApi().POST("/api/auth/second-factor/challenge", { headers, body: {} });
          return showPasskey((await unwrap(asked)).options);
        },
    show: async (body) => {
      await unwrap(openApi().POST("/api/auth/second-factor", { headers, body }));
    },
  });
}

import { t } from "@lingui/core/macro";
import { Button, Divider, Stack, Text, TextInput } from "@mantine/core";
import { FingerprintIcon } from "lucide-react";
import { type FormEvent, useState } from "react";
import { asProblem } from "@/api/problem";
import type { PasskeyAnswer } from "@/session/passkeys";
import { dialogs } from "./dialogs";

/** A second factor as it is sent. */
export type ShownFactor = { code: string } | { passkey: PasskeyAnswer };

interface Question {
  /** Sends what was shown, and throws where it is not right. */
  show: (shown: ShownFactor) => Promise<void>;
  /** Has a passkey shown; `null` where there is none, or the browser knows none. */
  askPasskey: (() => Promise<PasskeyAnswer>) | null;
  /** Whether there are codes: of an app, or for recovery. */
  hasCodes: boolean;
}

/** Ask for a second factor once more. Answers whether it was shown. */
export async function askForFactor(question: Question): Promise<boolean> {
  const modals = await dialogs();
  return new Promise((resolve) => {
    const id = modals.open({
      title: t`Show your second factor`,
      children: (
        <FactorForm
          {...question}
          onShown={() => {
            resolve(true);
            modals.close(id);
          }}
        />
      ),
      onClose: () => resolve(false), // after it was shown it changes nothing
    });
  });
}

function FactorForm({ show, askPasskey, hasCodes, onShown }: Question & { onShown: () => void }) {
  const [code, setCode] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [sending, setSending] = useState<"code" | "passkey" | null>(null);
  const send = async (kind: "code" | "passkey", shown: () => Promise<ShownFactor>) => {
    if (sending !== null) return;
    setSending(kind);
    setProblem(null);
    try {
      await show(await shown());
      onShown();
    } catch (error) {
      setProblem(asProblem(error).message);
    } finally {
      setSending(null);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void send("code", async () => ({ code: code.trim() }));
  };
  return (
    <Stack>
      <Text size="sm">
        {t`This changes what guards your money or your account. It is asked for every 15 minutes.`}
      </Text>
      {askPasskey !== null && (
        <Button
          leftSection={<FingerprintIcon size={17} aria-hidden />}
          loading={sending === "passkey"}
          data-autofocus
          onClick={() => void send("passkey", async () => ({ passkey: await askPasskey() }))}
        >
          {t`Use a passkey`}
        </Button>
      )}
      {askPasskey !== null && hasCodes && <Divider label={t`or`} />}
      {hasCodes && (
        <form onSubmit={submit}>
          <Stack>
            <TextInput
              label={t`Code`}
              description={t`Of your authenticator app, or one for recovery.`}
              autoComplete="one-time-code"
              data-autofocus={askPasskey === null || undefined}
              value={code}
              error={problem}
              onChange={(event) => setCode(event.currentTarget.value)}
            />
            <Button
              type="submit"
              variant={askPasskey === null ? "filled" : "default"}
              loading={sending === "code"}
              disabled={code.trim() === ""}
            >
              {t`Go on`}
            </Button>
          </Stack>
        </form>
      )}
      {!hasCodes && problem !== null && (
        <Text c="var(--mantine-color-error)" size="sm" role="alert">
          {problem}
        </Text>
      )}
    </Stack>
  );
}

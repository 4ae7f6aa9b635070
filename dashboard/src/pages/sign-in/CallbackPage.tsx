import { t } from "@lingui/core/macro";
import { Button, Stack, TextInput } from "@mantine/core";
import { FingerprintIcon } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Link, useNavigate } from "react-router";
import { openApi, unwrap } from "@/api/client";
import { asProblem, Problem } from "@/api/problem";
import { Loading } from "@/kit/Loading";
import { knowsPasskeys, showPasskey } from "@/session/passkeys";
import { forgetFlow, readFlow } from "@/session/providerFlow";
import { session } from "@/session/session";
import { Entrance } from "./Entrance";

/** What the browser has come back with. It leaves the address bar and the history at once. */
function takeReturn() {
  const search = new URLSearchParams(window.location.search);
  const [code, error] = [search.get("code"), search.get("error")];
  const flow = readFlow(search.get("state"));
  if (search.size > 0) window.history.replaceState(window.history.state, "", window.location.pathname);
  return { code, error, flow };
}

const PASSKEY = Symbol("passkey");

async function passkeyOf(waiting: { state: string; flow: string }) {
  const asked = openApi().POST("/api/auth/second-factor/challenge", { body: waiting });
  return showPasskey((await unwrap(asked)).options);
}

/** Where a provider sends the browser back to: signs in, and leads on. */
export default function CallbackPage() {
  const [{ code, error, flow }] = useState(takeReturn);
  const navigate = useNavigate();
  const begun = useRef(false);
  const [needsFactor, setNeedsFactor] = useState(false);
  const [factorCode, setFactorCode] = useState("");
  const [isSending, setSending] = useState(false);
  const [problem, setProblem] = useState<string | null>(() => {
    if (error !== null) return t`The provider did not let you in, or you declined.`;
    return code === null || flow === null
      ? t`This sign-in did not begin in this tab, or was finished before.`
      : null;
  });

  /** Sign in, with a code of an app or for recovery, or with a passkey, once that was asked for. */
  const finish = async (factor: string | typeof PASSKEY | null) => {
    if (code === null || flow === null) return;
    setSending(true);
    setProblem(null);
    try {
      const params = { path: { id: flow.provider } };
      const waiting = { state: flow.state, flow: flow.flow };
      const shown = factor === PASSKEY ? { passkey: await passkeyOf(waiting) } : { factor_code: factor };
      const body = { code, ...waiting, ...shown };
      session.start(await unwrap(openApi().POST("/api/auth/providers/{id}/finish", { params, body })));
      forgetFlow();
      await navigate(flow.returnTo, { replace: true });
    } catch (refusal) {
      const isAsked = refusal instanceof Problem && refusal.code === "second_factor_required";
      if (isAsked) setNeedsFactor(true);
      if (!isAsked || factor !== null) setProblem(asProblem(refusal).message);
      setSending(false);
    }
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: once, with the page: a code works once
  useEffect(() => {
    if (begun.current || problem !== null) return;
    begun.current = true;
    void finish(null);
  }, []);

  if (!needsFactor) {
    return (
      <Entrance title={problem === null ? t`Signing you in` : t`You are not signed in`} problem={problem}>
        {problem === null ? (
          <Loading />
        ) : (
          <Button component={Link} to="/sign-in" size="md">
            {t`Back to signing in`}
          </Button>
        )}
      </Entrance>
    );
  }
  return (
    <Entrance title={t`Show your second factor`} problem={problem}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void finish(factorCode.trim());
        }}
      >
        <Stack>
          <TextInput
            label={t`Code of your authenticator app`}
            description={t`Or a code for recovery.`}
            autoComplete="one-time-code"
            autoFocus
            value={factorCode}
            onChange={(event) => setFactorCode(event.currentTarget.value)}
          />
          <Button type="submit" size="md" loading={isSending} disabled={factorCode.trim().length < 6}>
            {t`Sign in`}
          </Button>
          {knowsPasskeys() && (
            <Button
              variant="default"
              leftSection={<FingerprintIcon size={17} aria-hidden />}
              disabled={isSending}
              onClick={() => void finish(PASSKEY)}
            >
              {t`Use a passkey instead`}
            </Button>
          )}
        </Stack>
      </form>
    </Entrance>
  );
}

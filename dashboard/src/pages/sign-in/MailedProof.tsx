import { t } from "@lingui/core/macro";
import { Alert, Button, Checkbox, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQueryClient } from "@tanstack/react-query";
import { CheckIcon } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Link } from "react-router";
import { asProblem } from "@/api/problem";
import { Loading } from "@/kit/Loading";
import { useSubmit } from "@/kit/useSubmit";
import { invitationWaits } from "@/session/invitation";
import { useMailedToken } from "@/session/mailedToken";
import { useRestored } from "@/session/useRestored";
import { useSession } from "@/session/useSession";
import { Entrance } from "./Entrance";
import { isEmail } from "./rules";

/** Who the link's reader is, where no session says so. */
export interface Credentials {
  email: string;
  password: string;
}

interface Props {
  title: string;
  /** What the title becomes once it is done. */
  done: string;
  /** What is so then. */
  told: string;
  /** What was not done, as a title. */
  failed: string;
  /** Sends the token: as whoever is signed in, or with their credentials. */
  send: (token: string, as: Credentials | null, revokeKeys: boolean) => Promise<void>;
  /** Whether to ask what else is to end; then the link does nothing by itself. */
  asksToRevoke?: boolean;
}

/** A page that a mail's link leads to, which proves that an address is one's own: signed in, or with the password. */
export function MailedProof({ title, done, told, failed, send, asksToRevoke = false }: Props) {
  const token = useMailedToken();
  const { state, problem: unreachable } = useRestored();
  const queries = useQueryClient();
  const [isDone, setDone] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [isOther, setOther] = useState(false); // it is not the account that is signed in
  const hasBegun = useRef(false);

  const confirm = async (as: Credentials | null, revokeKeys: boolean) => {
    if (token === null) return;
    await send(token, as, revokeKeys);
    setDone(true);
    await queries.invalidateQueries({ queryKey: ["me"] });
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: once, as soon as it is known who is here
  useEffect(() => {
    if (state !== "signed-in" || token === null || asksToRevoke || hasBegun.current) return;
    hasBegun.current = true;
    confirm(null, false).catch((error) => {
      setProblem(asProblem(error).message);
      setOther(true);
    });
  }, [state]);

  if (token === null) {
    return (
      <Entrance title={failed} lead={t`This link is not whole. Your account page sends a new mail.`}>
        <Onward />
      </Entrance>
    );
  }
  if (isDone) {
    return (
      <Entrance title={done}>
        <Alert icon={<CheckIcon />} role="status">
          {told}
        </Alert>
        <Onward />
      </Entrance>
    );
  }
  if (state === "signed-in" && !isOther && !asksToRevoke) {
    return (
      <Entrance title={title} problem={problem}>
        <Loading />
      </Entrance>
    );
  }
  if (state === "restoring") {
    return (
      <Entrance title={title} problem={unreachable}>
        {unreachable === null && <Loading />}
      </Entrance>
    );
  }
  const withCredentials = state !== "signed-in" || isOther;
  return (
    <Entrance
      title={isOther ? failed : title}
      problem={problem}
      lead={
        withCredentials
          ? t`Show that the account is yours: with its present address and its password.`
          : undefined
      }
    >
      <ProofForm withCredentials={withCredentials} asksToRevoke={asksToRevoke} send={confirm} />
    </Entrance>
  );
}

interface FormProps {
  withCredentials: boolean;
  asksToRevoke: boolean;
  send: (as: Credentials | null, revokeKeys: boolean) => Promise<void>;
}

function ProofForm({ withCredentials, asksToRevoke, send }: FormProps) {
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { email: "", password: "", revokeKeys: false },
    validate: {
      email: (text) => (withCredentials ? isEmail(text) : null),
      password: (text) => (withCredentials && text === "" ? t`Write your password.` : null),
    },
  });
  const { submit, problem, isSending } = useSubmit(
    form,
    ({ email, password, revokeKeys }: typeof form.values) =>
      send(withCredentials ? { email: email.trim(), password } : null, revokeKeys),
  );
  return (
    <form onSubmit={form.onSubmit(submit)} noValidate>
      <Stack>
        {withCredentials && (
          <>
            <TextInput
              label={t`E-mail address`}
              type="email"
              autoComplete="username"
              autoFocus
              key={form.key("email")}
              {...form.getInputProps("email")}
            />
            <PasswordInput
              label={t`Password`}
              autoComplete="current-password"
              key={form.key("password")}
              {...form.getInputProps("password")}
            />
          </>
        )}
        {asksToRevoke && (
          <Checkbox
            label={t`Revoke my API keys and end all other access as well`}
            description={t`If somebody else may have had the account: they may have made keys, invited members or set a webhook.`}
            key={form.key("revokeKeys")}
            {...form.getInputProps("revokeKeys", { type: "checkbox" })}
          />
        )}
        {problem !== null && (
          <Alert color="red" variant="light" role="alert">
            {problem}
          </Alert>
        )}
        <Button type="submit" size="md" loading={isSending}>
          {t`Confirm`}
        </Button>
      </Stack>
    </form>
  );
}

function Onward() {
  const state = useSession();
  const invitation = invitationWaits();
  return (
    <Button component={Link} to={invitation ? "/invitation" : "/account"} size="md">
      {invitation ? t`Go on to your invitation` : state === "signed-in" ? t`Go to your account` : t`Sign in`}
    </Button>
  );
}

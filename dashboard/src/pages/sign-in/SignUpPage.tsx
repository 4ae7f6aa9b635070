import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { Link, useLocation, useSearchParams } from "react-router";
import { api, openApi, unwrap } from "@/api/client";
import { browserZone } from "@/data/me";
import { useSignInOptions } from "@/data/signInOptions";
import { useSubmit } from "@/kit/useSubmit";
import { session } from "@/session/session";
import { Captcha } from "./Captcha";
import { Entrance } from "./Entrance";
import { Providers } from "./Providers";
import { isEmail, isPassword } from "./rules";

export default function SignUpPage() {
  const { search } = useLocation();
  const [query] = useSearchParams();
  const code = query.get("invitation"); // an operator's
  const options = useSignInOptions();
  const takesCode = code !== null || options.data?.sign_up === "invitation";
  const captcha = takesCode ? null : options.data?.captcha; // who was invited is known to be a person
  const [answer, setAnswer] = useState<string | null>(null);
  const [unanswered, setUnanswered] = useState<string | null>(null);
  const [attempt, setAttempt] = useState(0);
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { full_name: "", email: "", password: "", invitation: code ?? "" },
    validate: { email: isEmail, password: isPassword },
  });
  const { submit, problem, isSending } = useSubmit(form, async (values: typeof form.values) => {
    if (captcha && answer === null) {
      setUnanswered(t`Show that you are a person first. The check may take a moment.`);
      return;
    }
    setUnanswered(null);
    const body = {
      ...values,
      captcha: answer,
      full_name: values.full_name.trim() || null,
      invitation: values.invitation.trim() || null,
    };
    try {
      session.start(await unwrap(openApi().POST("/api/auth/register", { body })));
    } catch (error) {
      setAttempt((count) => count + 1); // an answer counts once
      throw error;
    }
    // Dates and budgets begin in the zone that the person is in. The account page changes it, so a failure is no harm.
    await unwrap(api().PATCH("/api/auth/me", { body: { time_zone: browserZone() } })).catch(() => undefined);
  });

  return (
    <Entrance
      title={t`Make an account`}
      lead={t`It takes a minute, and no card.`}
      problem={problem}
      footer={
        <Trans>
          Have one already?{" "}
          <Anchor component={Link} to={{ pathname: "/sign-in", search }} underline="always">
            Sign in
          </Anchor>
        </Trans>
      }
    >
      <Providers invitation={() => form.getValues().invitation.trim()} />
      <form onSubmit={form.onSubmit(submit)} noValidate>
        <Stack>
          {takesCode && (
            <TextInput
              label={t`Invitation`}
              description={t`The code that you were given: accounts are made by invitation here.`}
              autoComplete="off"
              key={form.key("invitation")}
              {...form.getInputProps("invitation")}
            />
          )}
          <TextInput
            label={t`Name`}
            description={t`Optional`}
            autoComplete="name"
            autoFocus
            key={form.key("full_name")}
            {...form.getInputProps("full_name")}
          />
          <TextInput
            label={t`E-mail address`}
            type="email"
            autoComplete="username"
            key={form.key("email")}
            {...form.getInputProps("email")}
          />
          <PasswordInput
            label={t`Password`}
            description={t`A few words that you use nowhere else are best.`}
            autoComplete="new-password"
            key={form.key("password")}
            {...form.getInputProps("password")}
          />
          {captcha && (
            <Captcha
              key={attempt}
              widget={captcha}
              error={answer === null ? unanswered : null}
              onAnswer={setAnswer}
            />
          )}
          <Button type="submit" size="md" loading={isSending}>
            {t`Make account`}
          </Button>
        </Stack>
      </form>
    </Entrance>
  );
}

import { t } from "@lingui/core/macro";
import { Button, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { LinkIcon } from "lucide-react";
import { api, type Schema, unwrap } from "@/api/client";
import type { Me } from "@/data/me";
import { everyPage } from "@/data/pages";
import { useSignInOptions } from "@/data/signInOptions";
import { confirm } from "@/kit/confirm";
import { notifyDone, notifyProblem } from "@/kit/notify";
import { Panel } from "@/kit/Panel";
import { DATES } from "@/language/language";
import classes from "./List.module.css";

const KEY = ["account", "identities"];

/** The accounts elsewhere that open this one. Nothing where no other provider is set up and none was linked. */
export function LinkedIdentities({ person }: { person: Me }) {
  const options = useSignInOptions();
  const identities = useQuery({
    queryKey: KEY,
    queryFn: async () =>
      (await everyPage((query) => unwrap(api().GET("/api/auth/identities", { params: { query } })))).data,
  });
  const providers = options.data?.providers.map(({ name }) => name) ?? [];
  const linked = identities.data ?? [];
  if (linked.length === 0 && providers.length === 0) return null;
  return (
    <Panel
      title={t`Linked accounts`}
      lead={
        providers.length === 0
          ? t`Accounts elsewhere that open this one.`
          : t`Sign in with ${{ providers: listed(providers) }} and the same address, and it opens this account from then on.`
      }
      flush
    >
      {linked.length === 0 ? (
        <Text size="sm" c="dimmed" px="lg" pb="lg">
          {t`None yet.`}
        </Text>
      ) : (
        <ul className={classes.list} aria-label={t`Linked accounts`}>
          {linked.map((each) => (
            <Row key={each.id} identity={each} isOnly={linked.length === 1 && !person.has_password} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

interface RowProps {
  identity: Schema<"LinkedIdentityAnswer">;
  /** Whether there is no other way into the account. */
  isOnly: boolean;
}

function Row({ identity, isOnly }: RowProps) {
  const queries = useQueryClient();
  const { name } = identity;
  const end = async () => {
    const isSure = await confirm({
      title: t`Unlink ${name}?`,
      children: isOnly
        ? t`It opens this account no more, and you have no password: sign in again by “Forgot your password?”. Sessions that it has opened go on.`
        : t`It opens this account no more. Sessions that it has opened go on.`,
      action: t`Unlink`,
      danger: true,
    });
    if (!isSure) return;
    try {
      await unwrap(api().DELETE("/api/auth/identities/{id}", { params: { path: { id: identity.id } } }));
      notifyDone(t`${name} is unlinked.`);
    } catch (error) {
      notifyProblem(error, t`It was not unlinked`);
    }
    await queries.invalidateQueries({ queryKey: KEY });
  };
  return (
    <li className={classes.row}>
      <LinkIcon size={20} strokeWidth={1.6} aria-hidden className={classes.icon} />
      <Stack gap={0} className={classes.words}>
        <Text size="sm" fw={550} className={classes.name}>
          {name}
        </Text>
        <Text size="sm" c="dimmed" className={classes.name}>
          {identity.email ?? identity.subject}
        </Text>
      </Stack>
      <Button variant="default" size="xs" aria-label={t`Unlink ${name}`} onClick={() => void end()}>
        {t`Unlink`}
      </Button>
    </li>
  );
}

function listed(names: string[]): string {
  return new Intl.ListFormat(DATES, { type: "disjunction" }).format(names);
}

import { ph, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { LaptopIcon, LogOutIcon, SmartphoneIcon } from "lucide-react";
import { api, type Schema, unwrap } from "@/api/client";
import { everyPage } from "@/data/pages";
import { confirm } from "@/kit/confirm";
import { Loaded } from "@/kit/Loaded";
import { Loading } from "@/kit/Loading";
import { notifyDone, notifyProblem } from "@/kit/notify";
import { Panel } from "@/kit/Panel";
import { useOnce } from "@/kit/useOnce";
import { When } from "@/kit/When";
import { deviceName, isHandheld } from "@/session/device";
import { session } from "@/session/session";
import classes from "./List.module.css";

type SignedIn = Schema<"SignedInSession">;

const KEY = ["account", "sessions"];

/** Where one is signed in, and the end of each. */
export function Sessions() {
  const queries = useQueryClient();
  const sessions = useQuery({
    queryKey: KEY,
    queryFn: async () =>
      (await everyPage((query) => unwrap(api().GET("/api/auth/sessions", { params: { query } })))).data,
  });
  const endOthers = useOnce({
    mutationFn: () => unwrap(api().DELETE("/api/auth/sessions")),
    onSuccess: async ({ message }) => {
      await queries.invalidateQueries({ queryKey: KEY });
      notifyDone(message);
    },
    onError: (error) => notifyProblem(error, t`The sessions have not ended`),
  });
  const endAll = async () => {
    const isSure = await confirm({
      title: t`Sign out everywhere?`,
      children: t`Every session ends, this one too. Keys go on working.`,
      action: t`Sign out everywhere`,
      danger: true,
    });
    if (!isSure) return;
    try {
      await unwrap(api().DELETE("/api/auth/sessions"));
    } catch (error) {
      notifyProblem(error, t`The sessions have not ended`);
      return;
    }
    await session.signOut();
  };
  return (
    <Panel title={t`Sessions`} lead={t`Where you are signed in. What ends is refused within seconds.`} flush>
      <Loaded query={sessions} loading={<Loading as="rows" />}>
        {(list) => (
          <>
            <ul className={classes.list} aria-label={t`Sessions`}>
              {list.map((each) => (
                <Row key={each.id} one={each} />
              ))}
            </ul>
            <Group p="lg" gap="sm">
              {list.length > 1 && (
                <Button variant="default" loading={endOthers.isPending} onClick={() => endOthers.mutate()}>
                  {t`End all others`}
                </Button>
              )}
              <Button variant="light" color="red" onClick={() => void endAll()}>
                {t`Sign out everywhere`}
              </Button>
            </Group>
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function Row({ one }: { one: SignedIn }) {
  const queries = useQueryClient();
  const end = useOnce({
    mutationFn: () => unwrap(api().DELETE("/api/auth/sessions/{id}", { params: { path: { id: one.id } } })),
    onSuccess: () => notifyDone(t`The session has ended.`),
    onError: (error) => notifyProblem(error, t`The session has not ended`),
    onSettled: () => queries.invalidateQueries({ queryKey: KEY }),
  });
  const Icon = isHandheld(one.device) ? SmartphoneIcon : LaptopIcon;
  const name = deviceName(one.device);
  return (
    <li className={classes.row}>
      <Icon size={20} strokeWidth={1.6} aria-hidden className={classes.icon} />
      <Stack gap={0} className={classes.words}>
        <Text size="sm" fw={550} className={classes.name}>
          {name}
          {one.is_current && (
            <Badge variant="light" ml="xs" component="span">
              {t`This one`}
            </Badge>
          )}
        </Text>
        <Text size="sm" c="dimmed">
          <Trans>
            {ph({
              from: one.address === "" ? t`From an unknown address` : t`From ${{ address: one.address }}`,
            })}
            , used <When at={one.last_used_at} relative />, since <When at={one.began_at} />
          </Trans>
        </Text>
      </Stack>
      {!one.is_current && (
        <Button
          variant="default"
          size="xs"
          leftSection={<LogOutIcon size={14} aria-hidden />}
          aria-label={t`End the session of ${name}`}
          loading={end.isPending}
          onClick={() => end.mutate()}
        >
          {t`End`}
        </Button>
      )}
    </li>
  );
}

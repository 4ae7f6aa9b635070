import { t } from "@lingui/core/macro";
import { Anchor, Code, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { api, type Schema, unwrap } from "@/api/client";
import { Loaded } from "@/kit/Loaded";
import { Loading } from "@/kit/Loading";
import { Page } from "@/kit/Page";
import { Panel } from "@/kit/Panel";
import { Notice } from "../parts/Notice";
import { Status } from "../parts/Status";
import { ADMIN } from "../parts/useChange";
import { PARTS, STATES, sayFound } from "./parts";
import classes from "./SetupPage.module.css";

type Part = Schema<"SetupPart">;

/** What this system is made of, and what is missing for production. */
export default function SetupPage() {
  const setup = useQuery({
    queryKey: [ADMIN, "setup"],
    queryFn: () => unwrap(api().GET("/api/admin/setup")),
  });
  return (
    <Page title={t`Setup`} lead={t`What this system is made of, and what production still needs.`}>
      <Loaded query={setup} loading={<Loading as="rows" />}>
        {({ state, data }) => (
          <>
            <Verdict state={state} parts={data} />
            <Panel title={t`Parts`} flush>
              <ul className={classes.list} aria-label={t`Parts`}>
                {data.map((part) => (
                  <Row key={part.part} part={part} />
                ))}
              </ul>
            </Panel>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Verdict({ state, parts }: { state: Part["state"]; parts: Part[] }) {
  const named = (wanted: Part["state"]) =>
    parts
      .filter((each) => each.state === wanted)
      .map(({ part }) => PARTS[part].name)
      .join(", ");
  if (state === "missing")
    return (
      <Notice tone="bad" title={t`Not ready for production`}>
        {t`Missing: ${{ parts: named("missing") }}.`}
      </Notice>
    );
  if (state === "weak")
    return (
      <Notice tone="warn" title={t`Works, and could be better`}>
        {t`Look at: ${{ parts: named("weak") }}.`}
      </Notice>
    );
  return (
    <Notice tone="good" title={t`Ready for production`}>
      {t`Every part is as production wants it.`}
    </Notice>
  );
}

function Row({ part: { part, state, found, variables } }: { part: Part }) {
  const { name, why, path } = PARTS[part];
  const { tone, word } = STATES[state];
  return (
    <li className={classes.row}>
      <Stack gap={2} className={classes.words}>
        <Group gap="xs">
          <Text fw={600}>{name}</Text>
          <Status tone={tone}>{word}</Status>
        </Group>
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {sayFound(found)}
        </Text>
        {state !== "ready" && (
          <Text size="sm" c="dimmed">
            {why}
          </Text>
        )}
      </Stack>
      <div className={classes.where}>
        {variables.map((variable) => (
          <Code key={variable}>{variable}</Code>
        ))}
        {path !== undefined && (
          <Anchor component={Link} to={path} size="sm">
            {t`Open`}
          </Anchor>
        )}
      </div>
    </li>
  );
}

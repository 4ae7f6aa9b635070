import { t } from "@lingui/core/macro";
import { Button, Code, Group, Paper, Select, Text } from "@mantine/core";
import { useEffect, useState } from "react";
import { Link } from "react-router";
import { api, type Schema, unwrap } from "@/api/client";
import { useRefreshKeys } from "@/data/keys";
import { useMe } from "@/data/me";
import { isChatModel, isPattern } from "@/data/modelKinds";
import { useModels, useSuggestedModel } from "@/data/models";
import { useMay } from "@/data/organisations";
import { useRefreshWallet, useWallet } from "@/data/wallet";
import { CopyButton } from "@/kit/CopyButton";
import { Failure } from "@/kit/Failure";
import { Loaded } from "@/kit/Loaded";
import { Loading } from "@/kit/Loading";
import { compareUsd, formatUsd } from "@/kit/money";
import { notifyProblem } from "@/kit/notify";
import { Page } from "@/kit/Page";
import { Suspended } from "@/kit/Suspended";
import { Snippets } from "@/kit/snippets/Snippets";
import { useOnce } from "@/kit/useOnce";
import { FirstAnswer } from "./FirstAnswer";
import classes from "./StartPage.module.css";
import { Step } from "./Step";
import { isAnswered, useFirstRequest } from "./useFirstRequest";

const KEY_NAME = t`My first key`;

type Made = Schema<"KeyWithSecret">;

/** From an account to the first paid answer, on one page: a key, something to paste, and what came of it. */
export default function StartPage() {
  const me = useMe();
  const wallet = useWallet();
  const models = useModels();
  const [made, setMade] = useState<Made | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const waiting = useFirstRequest(made?.id ?? null, wallet.isSuccess);
  const isDone = isAnswered(waiting.request);
  const may = useMay();
  const refreshWallet = useRefreshWallet();
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the first answer has come
  useEffect(() => {
    if (isDone) void refreshWallet();
  }, [isDone]);

  const offered = models.data?.filter((model) => isChatModel(model) && !isPattern(model)) ?? [];
  const suggested = useSuggestedModel(null);
  const own = offered.find(({ id }) => id === chosen); // every program is told of it
  const { model, usable } = own === undefined ? suggested : { model: own, usable: [] };
  return (
    <Page
      title={t`Get started`}
      lead={t`A key, something to paste, and your first answer. It takes two minutes.`}
    >
      {me.data?.status === "suspended" && <Suspended />}
      <Loaded query={wallet} loading={<Loading as="rows" />}>
        {({ available_usd }) => {
          const hasCredit = isDone || compareUsd(available_usd, "0") > 0;
          return (
            <Paper withBorder component="ol" className={classes.steps}>
              <Step
                number={1}
                title={
                  hasCredit
                    ? t`You have ${{ availableUsd: formatUsd(available_usd, { rounding: "down" }) }} to spend`
                    : t`Add credit`
                }
                lead={
                  hasCredit
                    ? t`Each request is paid from it, at the model's price and not a cent more.`
                    : t`Requests are paid from your balance before they are sent. There is nothing in it yet.`
                }
                isDone={hasCredit}
                isNext={!hasCredit}
              >
                {!hasCredit &&
                  (may("payments.make") ? (
                    <Button component={Link} to="/billing" mt="sm">
                      {t`Add credit`}
                    </Button>
                  ) : (
                    <Text size="sm" mt="xs">
                      {t`An owner, an admin or whoever sees to billing here can add some.`}
                    </Text>
                  ))}
              </Step>
              <Step
                number={2}
                title={made !== null ? t`Your key` : isDone ? t`You have a key` : t`Create a key`}
                lead={
                  made === null
                    ? t`Your programs show it with each request. You can limit or revoke it at any time.`
                    : t`Copy it now if you want to keep it: it is shown this once.`
                }
                isDone={made !== null || isDone}
                isNext={hasCredit && made === null && !isDone}
              >
                {made !== null ? (
                  <Secret secret={made.key} />
                ) : isDone ? (
                  <Button component={Link} to="/keys" mt="sm" variant="default">
                    {t`See your keys`}
                  </Button>
                ) : (
                  <MakeKey onMade={setMade} />
                )}
              </Step>
              <Step
                number={3}
                title={t`Send a request`}
                lead={t`Paste this where you work. It asks for one hello, which costs a fraction of a cent.`}
                isDone={isDone}
                isNext={made !== null && !isDone}
              >
                {models.isError ? (
                  <Failure error={models.error} onRetry={() => void models.refetch()} />
                ) : (
                  <>
                    <Select
                      label={t`Model`}
                      data={offered.map(({ id }) => id)}
                      value={model?.id ?? null}
                      onChange={setChosen}
                      allowDeselect={false}
                      searchable
                      maw={340}
                      my="sm"
                    />
                    <Snippets secret={made?.key ?? null} model={model} usable={usable} />
                  </>
                )}
              </Step>
              <Step
                number={4}
                title={isDone ? t`Your first answer` : t`See what it cost`}
                isDone={isDone}
                isNext={false}
              >
                <FirstAnswer waiting={waiting} />
              </Step>
            </Paper>
          );
        }}
      </Loaded>
    </Page>
  );
}

function MakeKey({ onMade }: { onMade: (key: Made) => void }) {
  const refreshKeys = useRefreshKeys();
  const make = useOnce({
    mutationFn: () => unwrap(api().POST("/api/keys", { body: { name: KEY_NAME, scopes: ["inference"] } })),
    onSuccess: (made) => {
      onMade(made);
      void refreshKeys();
    },
    onError: (error) => notifyProblem(error, t`The key was not made`),
  });
  return (
    <Group mt="sm" gap="sm">
      <Button loading={make.isPending} onClick={() => make.mutate()}>
        {t`Create key`}
      </Button>
      <Button component={Link} to="/keys/new" variant="subtle" color="gray">
        {t`With limits of its own`}
      </Button>
    </Group>
  );
}

function Secret({ secret }: { secret: string }) {
  return (
    <div className={classes.secret}>
      <Code block aria-label={t`The key`} className={classes.key}>
        {secret}
      </Code>
      <CopyButton value={secret} what={t`key`} wide />
    </div>
  );
}

import { t } from "@lingui/core/macro";
import { Button, Code, Group, SimpleGrid, Stack, Text } from "@mantine/core";
import { BoxIcon, MessageSquareIcon } from "lucide-react";
import { Link } from "react-router";
import { makerOf } from "@/data/makers";
import { useMeasures } from "@/data/measures";
import { isPattern } from "@/data/modelKinds";
import { type Model, useModels } from "@/data/models";
import { CopyButton } from "@/kit/CopyButton";
import { Empty } from "@/kit/Empty";
import { type Fact, Facts } from "@/kit/Facts";
import { Loaded } from "@/kit/Loaded";
import { Money } from "@/kit/Money";
import { formatCount } from "@/kit/numbers";
import { Page } from "@/kit/Page";
import { Panel } from "@/kit/Panel";
import { Snippets } from "@/kit/snippets/Snippets";
import { Tile, Tiles } from "@/kit/Tile";
import { rates, TALK } from "./cost";
import { EstimatePanel } from "./EstimatePanel";
import {
  abilitiesOf,
  answeredOf,
  contextOf,
  isEmbedding,
  latencyOf,
  modalitiesOf,
  NOT_MEASURED,
  slowestOf,
  Talk,
  Uptime,
} from "./facts";

/** One model: what it costs, what it can do, how it did here, and how it is asked. */
export function ModelPage({ id }: { id: string }) {
  const models = useModels();
  const model = models.data?.find((each) => each.id === id);
  return (
    <Page
      back={{ to: "/models", list: t`Models` }}
      title={id}
      lead={
        <Group gap={4} wrap="nowrap">
          <Code style={{ overflowWrap: "anywhere" }}>{id}</Code>
          <CopyButton value={id} what={t`the model's name`} />
        </Group>
      }
      actions={model !== undefined && !isEmbedding(model) && !isPattern(model) && <TryIt model={model} />}
    >
      <Loaded query={models}>
        {() =>
          model === undefined ? (
            <Empty
              icon={BoxIcon}
              title={t`There is no such model here`}
              action={
                <Button component={Link} to="/models" mt="xs">
                  {t`All models`}
                </Button>
              }
            >
              {t`It is not offered any more, or your plan leaves it out.`}
            </Empty>
          ) : (
            <About model={model} />
          )
        }
      </Loaded>
    </Page>
  );
}

function TryIt({ model }: { model: Model }) {
  return (
    <>
      <Button
        component={Link}
        to={{ pathname: "/models", search: new URLSearchParams({ compare: model.id }).toString() }}
        variant="default"
      >
        {t`Compare`}
      </Button>
      <Button
        component={Link}
        to={`/chat?model=${encodeURIComponent(model.id)}`}
        leftSection={<MessageSquareIcon size={16} aria-hidden />}
      >
        {t`Chat with it`}
      </Button>
    </>
  );
}

function About({ model }: { model: Model }) {
  const measure = useMeasures().data?.get(model.id);
  const maker = makerOf(model.id);
  return (
    <>
      <Tiles>
        <Tile
          label={t`A conversation`}
          value={<Talk model={model} />}
          note={t`${{ questions: TALK.questions }} questions: ${{ read: formatCount(TALK.read) }} tokens read, ${{ written: formatCount(TALK.written) }} written`}
        />
        <Tile label={t`Context`} value={contextOf(model)} note={answerAtMost(model)} />
        <Tile
          label={t`Answers in`}
          value={latencyOf(measure)}
          note={
            measure?.latency_p95_ms == null
              ? t`Too few requests to tell`
              : t`median; 95% within ${{ measure: slowestOf(measure) }}`
          }
        />
        <Tile
          label={t`Answered`}
          value={answeredOf(measure)}
          note={
            measure?.answered_share == null
              ? t`Too few requests to tell`
              : t`of all requests of the last seven days`
          }
        />
      </Tiles>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg" style={{ alignItems: "start" }}>
        <Stack gap="lg">
          <Panel title={t`What it costs`} lead={t`As you pay it: nothing is added later.`}>
            <Facts
              facts={rates(model).map(({ label, usd, unit }) => [
                label,
                <span key={label}>
                  <Money usd={usd} exact />
                  {unit !== "" && (
                    <Text span size="xs" c="dimmed">
                      {" "}
                      {unit}
                    </Text>
                  )}
                </span>,
              ])}
            />
          </Panel>
          <Panel title={t`What it is`}>
            <Facts
              facts={[
                ...(maker === null ? [] : [[t`Made by`, maker] satisfies Fact]),
                [t`Reads → writes`, modalitiesOf(model)],
                [t`Can`, abilitiesOf(model)],
                [
                  t`Context`,
                  model.context_tokens === null
                    ? NOT_MEASURED
                    : t`${{ contextTokens: formatCount(model.context_tokens) }} tokens`,
                ],
                [
                  t`Longest answer`,
                  model.max_output_tokens === null
                    ? NOT_MEASURED
                    : t`${{ maxOutputTokens: formatCount(model.max_output_tokens) }} tokens`,
                ],
                [t`Answered, by day`, <Uptime key="uptime" measure={measure} />],
                [t`Price's version`, model.pricing.version],
              ]}
            />
          </Panel>
        </Stack>
        {!isPattern(model) && (
          <Stack gap="lg">
            {!isEmbedding(model) && (
              <Panel title={t`Use it`} lead={t`With your key in the environment, as FAREBOX_KEY.`}>
                <Snippets secret={null} model={model} />
              </Panel>
            )}
            <EstimatePanel model={model} />
          </Stack>
        )}
      </SimpleGrid>
    </>
  );
}

function answerAtMost({ max_output_tokens }: Model): string {
  return max_output_tokens === null
    ? t`tokens; answers of any length`
    : t`tokens; answers of up to ${{ most: formatCount(max_output_tokens) }}`;
}

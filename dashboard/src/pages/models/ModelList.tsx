import { ph, plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, Button, Checkbox, Table, Text } from "@mantine/core";
import { BoxesIcon } from "lucide-react";
import { Link } from "react-router";
import { type ModelMeasure, useMeasures } from "@/data/measures";
import { type Model, useModels } from "@/data/models";
import { Empty } from "@/kit/Empty";
import { Loaded } from "@/kit/Loaded";
import { Loading } from "@/kit/Loading";
import { Money } from "@/kit/Money";
import { formatCount } from "@/kit/numbers";
import { Page } from "@/kit/Page";
import { Panel } from "@/kit/Panel";
import { Comparison } from "./Comparison";
import { Controls } from "./Controls";
import { paidUsd, TALK } from "./cost";
import { answeredOf, contextOf, isEmbedding, latencyOf, measuredOf, modalitiesOf, Talk } from "./facts";
import { UNFILTERED } from "./filters";
import classes from "./Models.module.css";
import { useModelsView } from "./useModelsView";
import { listed, MOST_COMPARED, type ModelsView, pathOf } from "./view";

const NONE: ReadonlyMap<string, ModelMeasure> = new Map();

/** Every model that one may use: found, filtered, sorted, and up to four of them side by side. */
export function ModelList() {
  const models = useModels();
  const measures = useMeasures().data ?? NONE;
  const { view, change, compare } = useModelsView();
  return (
    <Page
      title={t`Models`}
      lead={t`What each costs you, what it can read, and how it did here in the last seven days.`}
    >
      <Loaded query={models} loading={<Loading as="rows" />}>
        {(all) => {
          const compared = view.compared.flatMap((id) => all.find((model) => model.id === id) ?? []);
          const shown = listed(all, view, measures);
          return (
            <>
              {compared.length > 1 && (
                <Comparison
                  models={compared}
                  measures={measures}
                  onRemove={(id) => compare(id, false)}
                  onClear={() => change({ compared: [] })}
                />
              )}
              <Panel title={countOfAll(shown.length, all.length)} flush>
                <Controls models={all} shown={shown.length} view={view} change={change} />
                {shown.length === 0 ? (
                  <Nothing hasAny={all.length > 0} onClear={() => change({ search: "", ...UNFILTERED })} />
                ) : (
                  <>
                    <Rows models={shown} measures={measures} view={view} compare={compare} />
                    <Text size="xs" c="dimmed" px="lg" py="sm">
                      <Trans>
                        A conversation is {ph({ questions: TALK.questions })} questions and answers:{" "}
                        {ph({ read: formatCount(TALK.read) })} tokens read,{" "}
                        {ph({ written: formatCount(TALK.written) })} written. Prices are for a million tokens,
                        as you pay them. Times and shares are of everybody's requests; of few, nothing is
                        told. Choose up to {MOST_COMPARED} to compare.
                      </Trans>
                    </Text>
                  </>
                )}
              </Panel>
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}

interface RowsProps {
  models: Model[];
  measures: ReadonlyMap<string, ModelMeasure>;
  view: ModelsView;
  compare: (model: string, isWanted: boolean) => void;
}

function Rows({ models, measures, view, compare }: RowsProps) {
  const box = (model: Model) => (
    <Checkbox
      aria-label={t`Compare ${{ model: model.id }}`}
      checked={view.compared.includes(model.id)}
      onChange={(event) => compare(model.id, event.currentTarget.checked)}
    />
  );
  return (
    <div className={classes.place}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard */}
      <section className={`scrolls-sideways ${classes.wide}`} aria-label={t`Models`} tabIndex={0}>
        <Table className={classes.table} aria-label={t`Models`} highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col" w={1}>
                {t`Compare`}
              </Table.Th>
              <Table.Th scope="col">{t`Model`}</Table.Th>
              <Table.Th scope="col" ta="end">
                {t`Conversation`}
              </Table.Th>
              <Table.Th scope="col" ta="end">
                {t`Input`}
              </Table.Th>
              <Table.Th scope="col" ta="end">
                {t`Output`}
              </Table.Th>
              <Table.Th scope="col" ta="end">
                {t`Context`}
              </Table.Th>
              <Table.Th scope="col">{t`Reads → writes`}</Table.Th>
              <Table.Th scope="col" ta="end">
                {t`Answers in`}
              </Table.Th>
              <Table.Th scope="col" ta="end">
                {t`Answered`}
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {models.map((model) => (
              <Table.Tr key={model.id}>
                <Table.Td>{box(model)}</Table.Td>
                <Table.Td className={classes.name}>
                  <NameLink model={model} />
                </Table.Td>
                <Table.Td ta="end">
                  <Talk model={model} />
                </Table.Td>
                <Table.Td ta="end">
                  <Money usd={paidUsd(model.pricing.input_usd_per_1m, model.pricing)} />
                </Table.Td>
                <Table.Td ta="end">
                  <Money usd={paidUsd(model.pricing.output_usd_per_1m, model.pricing)} />
                </Table.Td>
                <Table.Td ta="end">{contextOf(model)}</Table.Td>
                <Table.Td style={{ whiteSpace: "nowrap" }}>{modalitiesOf(model)}</Table.Td>
                <Table.Td ta="end">{latencyOf(measures.get(model.id))}</Table.Td>
                <Table.Td ta="end">{answeredOf(measures.get(model.id))}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </section>
      <ul className={classes.cards} aria-label={t`Models`}>
        {models.map((model) => (
          <li key={model.id} className={classes.card}>
            {box(model)}
            <div className={classes.first}>
              <span className={classes.name}>
                <NameLink model={model} />
              </span>
              {!isEmbedding(model) && (
                <span className={classes.talk}>
                  <Text span size="xs" c="dimmed">
                    {t`Conversation`}
                  </Text>{" "}
                  <Talk model={model} />
                </span>
              )}
            </div>
            <span />
            <Text size="xs" c="dimmed">
              <Trans>
                <Money usd={paidUsd(model.pricing.input_usd_per_1m, model.pricing)} /> in,{" "}
                <Money usd={paidUsd(model.pricing.output_usd_per_1m, model.pricing)} /> out
              </Trans>
              {measuredOf(model, measures.get(model.id)).map((fact) => ` · ${fact}`)}
            </Text>
          </li>
        ))}
      </ul>
    </div>
  );
}

function NameLink({ model }: { model: Model }) {
  return (
    <Anchor component={Link} to={pathOf(model.id)} fw={550}>
      {model.id}
    </Anchor>
  );
}

function countOfAll(shown: number, all: number): string {
  if (shown === all) return plural({ count: all }, { one: "# model", other: "# models" });
  const part = formatCount(shown);
  return plural({ count: all }, { one: `${part} of # model`, other: `${part} of # models` });
}

function Nothing({ hasAny, onClear }: { hasAny: boolean; onClear: () => void }) {
  return hasAny ? (
    <Empty
      icon={BoxesIcon}
      title={t`No model fits`}
      action={
        <Button variant="default" size="xs" mt="xs" onClick={onClear}>
          {t`Show all`}
        </Button>
      }
    />
  ) : (
    <Empty icon={BoxesIcon} title={t`There is no model that you may use`}>
      {t`Your plan, or whoever runs this service, says which. Ask them.`}
    </Empty>
  );
}

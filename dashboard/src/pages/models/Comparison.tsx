import { t } from "@lingui/core/macro";
import { ActionIcon, Anchor, Button, Group, Table, Tooltip } from "@mantine/core";
import { XIcon } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { ModelMeasure } from "@/data/measures";
import type { Model } from "@/data/models";
import { Money } from "@/kit/Money";
import { compareUsd } from "@/kit/money";
import { Panel } from "@/kit/Panel";
import { rates, talkUsd } from "./cost";
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
} from "./facts";
import classes from "./Models.module.css";
import { pathOf } from "./view";

interface Props {
  models: Model[];
  measures: ReadonlyMap<string, ModelMeasure>;
  onRemove: (model: string) => void;
  onClear: () => void;
}

/** Some models side by side; the cheapest conversation and the fastest answers stand out. */
export function Comparison({ models, measures, onRemove, onClear }: Props) {
  const labels = [...new Set(models.flatMap((model) => rates(model).map(({ label }) => label)))];
  const cheapest = lowest(
    models.filter((model) => !isEmbedding(model)),
    (a, b) => compareUsd(talkUsd(a), talkUsd(b)),
  );
  const fastest = lowest(
    models.filter((model) => measures.get(model.id)?.latency_p50_ms != null),
    (a, b) => (measures.get(a.id)?.latency_p50_ms ?? 0) - (measures.get(b.id)?.latency_p50_ms ?? 0),
  );
  const row = (title: string, show: (model: Model) => ReactNode, best?: Model) => (
    <Table.Tr key={title}>
      <Table.Th scope="row">{title}</Table.Th>
      {models.map((model) => (
        <Table.Td key={model.id} className={model === best ? classes.best : undefined}>
          {show(model)}
        </Table.Td>
      ))}
    </Table.Tr>
  );
  return (
    <Panel
      title={t`Side by side`}
      flush
      actions={
        <Button variant="default" size="xs" onClick={onClear}>
          {t`Clear`}
        </Button>
      }
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard */}
      <section className="scrolls-sideways" aria-label={t`Models side by side`} tabIndex={0}>
        <Table className={classes.compared} aria-label={t`Models side by side`} horizontalSpacing="lg">
          <Table.Thead>
            <Table.Tr>
              <Table.Td />
              {models.map(({ id }) => (
                <Table.Th key={id} scope="col">
                  <Group gap={4} wrap="nowrap" align="flex-start">
                    <Anchor component={Link} to={pathOf(id)}>
                      {id}
                    </Anchor>
                    <Tooltip label={t`Leave it out`}>
                      <ActionIcon
                        variant="subtle"
                        color="gray"
                        size="sm"
                        aria-label={t`Leave out ${id}`}
                        onClick={() => onRemove(id)}
                      >
                        <XIcon size={14} />
                      </ActionIcon>
                    </Tooltip>
                  </Group>
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {row(
              t`A conversation`,
              (model) => (
                <Talk model={model} />
              ),
              cheapest,
            )}
            {labels.map((label) =>
              row(label, (model) => {
                const rate = rates(model).find((each) => each.label === label);
                return rate === undefined ? NOT_MEASURED : <Money usd={rate.usd} />;
              }),
            )}
            {row(t`Context`, contextOf)}
            {row(t`Reads → writes`, modalitiesOf)}
            {row(t`Can`, abilitiesOf)}
            {row(t`Answers in`, (model) => latencyOf(measures.get(model.id)), fastest)}
            {row(t`95% within`, (model) => slowestOf(measures.get(model.id)))}
            {row(t`Answered`, (model) => answeredOf(measures.get(model.id)))}
          </Table.Tbody>
        </Table>
      </section>
    </Panel>
  );
}

/** The one that is below all others; nothing where several are. */
function lowest(models: Model[], order: (a: Model, b: Model) => number): Model | undefined {
  const [first, second] = [...models].sort(order);
  return first !== undefined && second !== undefined && order(first, second) < 0 ? first : undefined;
}

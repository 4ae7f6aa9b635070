import { t } from "@lingui/core/macro";
import { Text, Tooltip } from "@mantine/core";
import type { ModelMeasure } from "@/data/measures";
import { isChatModel, isPattern } from "@/data/modelKinds";
import type { Model } from "@/data/models";
import { formatDay } from "@/kit/dates";
import { Money } from "@/kit/Money";
import { formatCompact, formatDuration, formatShare } from "@/kit/numbers";
import { talkUsd } from "./cost";
import { ABILITIES, canDo } from "./filters";
import classes from "./Models.module.css";

/** What is told of a model, in the words and forms that the list, its own page and a comparison share. */

export const NOT_MEASURED = "–";

export function contextOf({ context_tokens }: Model): string {
  return context_tokens === null ? NOT_MEASURED : formatCompact(context_tokens);
}

/** `Text, images → text`. */
export function modalitiesOf(model: Model): string {
  if (isEmbedding(model)) return t`Text → vectors`;
  const { input_modalities, output_modalities } = model.architecture;
  const reads = input_modalities.map(plural).join(", ");
  return `${reads.charAt(0).toUpperCase()}${reads.slice(1)} → ${output_modalities.map(plural).join(", ")}`;
}

/** `Tools, Reasoning`; of what nobody has said, it is not known. */
export function abilitiesOf(model: Model): string {
  if (model.supported_parameters === undefined) return NOT_MEASURED;
  const can = ABILITIES.filter(({ value }) => canDo(model, value)).map(({ label }) => label);
  return can.length === 0 ? t`No tools` : can.join(", ");
}

const KINDS: Record<string, string> = {
  text: t`text`,
  image: t`images`,
  audio: t`audio`,
  file: t`files`,
  video: t`video`,
};

const plural = (kind: string) => KINDS[kind] ?? kind;

export function isEmbedding(model: Model): boolean {
  return !isChatModel(model);
}

/** What a typical conversation costs; nothing for what holds none. */
export function Talk({ model }: { model: Model }) {
  return isEmbedding(model) || isPattern(model) ? NOT_MEASURED : <Money usd={talkUsd(model)} />;
}

export function latencyOf(measure: ModelMeasure | undefined): string {
  return measure?.latency_p50_ms == null ? NOT_MEASURED : formatDuration(measure.latency_p50_ms);
}

export function slowestOf(measure: ModelMeasure | undefined): string {
  return measure?.latency_p95_ms == null ? NOT_MEASURED : formatDuration(measure.latency_p95_ms);
}

export function answeredOf(measure: ModelMeasure | undefined): string {
  return measure?.answered_share == null ? NOT_MEASURED : formatShare(measure.answered_share);
}

/** What is known of a model beside its prices, with the names that columns would have. */
export function measuredOf(model: Model, measure: ModelMeasure | undefined): string[] {
  return [
    ...(model.context_tokens === null ? [] : [t`Context ${{ context: contextOf(model) }}`]),
    ...(measure?.latency_p50_ms == null ? [] : [t`Answers in ${{ latency: latencyOf(measure) }}`]),
    ...(measure?.answered_share == null ? [] : [t`Answered ${{ share: answeredOf(measure) }}`]),
  ];
}

const GOOD = 0.99;
const FAIR = 0.95;

/** A day a bar, as tall and as coloured as its share of answered requests. */
export function Uptime({ measure }: { measure: ModelMeasure | undefined }) {
  if (measure === undefined) return <Text c="dimmed">{NOT_MEASURED}</Text>;
  const told = measure.by_day.map(
    ({ day, answered_share }) => `${formatDay(day)}: ${shareOr(answered_share)}`,
  );
  return (
    <div className={classes.uptime} role="img" aria-label={t`Answered by day: ${{ told: told.join(", ") }}`}>
      {measure.by_day.map(({ day, answered_share }, index) => (
        <Tooltip key={day} label={told[index]}>
          <span className={classes.day} data-level={levelOf(answered_share)} />
        </Tooltip>
      ))}
    </div>
  );
}

function levelOf(share: number | null): string {
  if (share === null) return "unknown";
  return share >= GOOD ? "good" : share >= FAIR ? "fair" : "bad";
}

function shareOr(share: number | null): string {
  return share === null ? t`too few requests` : formatShare(share);
}

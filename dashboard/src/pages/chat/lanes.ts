import { type Conversation, type Message, versionsOf } from "./store";

/** A model that a conversation asks; of two that it asks at once, one is beside the other. */
export interface Lane {
  model: string;
  isBeside: boolean;
}

/** The models that the next question goes to. */
export function lanesOf({ model, second }: Pick<Conversation, "model" | "second">): Lane[] {
  const first = { model, isBeside: false };
  return second ? [first, { model: second, isBeside: true }] : [first];
}

/** Whether two models have answered a question side by side. */
export function isPair(versions: Message[]): boolean {
  return versions.some(({ isBeside }) => isBeside);
}

/** The one of two answers side by side that somebody chose for both models, if any. */
export function chosenOf(versions: Message[]): Message | undefined {
  return latest(versions.filter(({ chosenAt }) => chosenAt !== undefined));
}

/** What a model is told of what was said: the questions, and of each one's answers that which counts. Of two side by side it
 * is its own, unless somebody chose one for both: each model goes on with what it has said itself. */
export function toldTo(lane: Lane, messages: Message[]): Message[] {
  return messages.filter((message) => heard(lane, versionsOf(message, messages)) === message);
}

/** The answer among those to a question that a model is told. */
export function heard({ model, isBeside }: Lane, versions: Message[]): Message | undefined {
  if (!isPair(versions)) return latest(versions);
  const said = versions.filter(({ content }) => content !== ""); // who has said nothing goes on with the other's
  return (
    chosenOf(said) ??
    latest(said.filter((version) => version.model === model)) ??
    latest(said.filter((version) => (version.isBeside ?? false) === isBeside)) ??
    latest(said) ??
    latest(versions)
  );
}

/** The one that was chosen, or asked for, last. */
function latest(versions: Message[]): Message | undefined {
  let found: Message | undefined;
  for (const version of versions) {
    if (found === undefined || since(version) >= since(found)) found = version;
  }
  return found;
}

const since = ({ chosenAt, at }: Message) => chosenAt ?? at;

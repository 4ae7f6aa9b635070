import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, Code, Tabs, Text } from "@mantine/core";
import { base } from "@/api/client";
import type { Model } from "@/data/models";
import { claudeModels } from "@/data/suggested";
import { CopyButton } from "../CopyButton";
import { Loading } from "../Loading";
import { type Call, KEY_VARIABLE } from "./call";
import { CLAUDE_CODE, IN_SETTINGS, IN_TERMINAL, PROGRAMS } from "./programs";
import classes from "./Snippets.module.css";

interface Props {
  /** The key itself, or what stands for it; `null`: the snippets read it from the environment. */
  secret: string | null;
  /** What answers: `null` where nothing does, `undefined` while it is not known, and nothing is to be pasted yet. */
  model: Model | null | undefined;
  /** Those that a program may ask in its place that is made for others; without any, every program asks it. */
  usable?: Model[];
}

/** A first request, ready to be pasted into a terminal, a program or a coding agent: against this server. */
export function Snippets({ secret, model, usable = [] }: Props) {
  if (model === undefined) return <Loading />;
  const claude = claudeModels(usable);
  const call: Call = { origin: base(), secret, model: model?.id ?? "MODEL", facts: factsOf(model), claude };
  return (
    <div>
      <Tabs
        defaultValue={PROGRAMS[0] && idOf(PROGRAMS[0].name)}
        keepMounted={false}
        variant="pills"
        radius="xl"
      >
        <Tabs.List aria-label={t`Program`}>
          {PROGRAMS.map(({ name }) => (
            <Tabs.Tab key={name} value={idOf(name)} px="sm" py={6}>
              {name}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {PROGRAMS.map(({ name, install, parts }) => (
          <Tabs.Panel key={name} value={idOf(name)} pt="md">
            {parts(call).map(({ where, text }) => (
              <div key={where} className={classes.part}>
                <div className={classes.head}>
                  <span>{where}</span>
                  <CopyButton value={text} what={contentOf(where)} />
                </div>
                <Code
                  block
                  className={classes.code}
                  tabIndex={0}
                  role="region"
                  aria-label={`${name}: ${where}`}
                >
                  {text}
                </Code>
              </div>
            ))}
            <Text size="xs" c="dimmed" mt={6}>
              {name === CLAUDE_CODE && claude !== undefined && claude.main !== model?.id && (
                <>{t`It is made for Claude's models, so it asks ${{ model: claude.main }}.`} </>
              )}
              {install !== undefined && (
                <>
                  <Trans>
                    It takes <Code>{install}</Code>.
                  </Trans>{" "}
                </>
              )}
              {secret === null && (
                <Trans>
                  The key is in <Code>{KEY_VARIABLE}</Code>.
                </Trans>
              )}
            </Text>
          </Tabs.Panel>
        ))}
      </Tabs>
      <Text size="sm" mt="xs">
        <Anchor href="/clients.txt" target="_blank">
          {t`LangChain, LiteLLM, Vercel's AI SDK and other programs`}
        </Anchor>
      </Text>
    </div>
  );
}

/** A tab names its panel by an id, which has no spaces. */
function idOf(program: string): string {
  return program.replaceAll(" ", "-");
}

function contentOf(where: string): string {
  if (where === IN_TERMINAL) return t`what goes in a terminal`;
  return where === IN_SETTINGS ? t`what goes in its settings` : t`what goes into ${where}`;
}

function factsOf(model: Model | null): Call["facts"] {
  if (model === null || model.context_tokens == null || model.max_output_tokens == null) return undefined;
  const { input_usd_per_1m, output_usd_per_1m, cached_input_usd_per_1m } = model.pricing;
  return {
    contextTokens: model.context_tokens,
    outputTokens: model.max_output_tokens,
    inputUsd: input_usd_per_1m,
    outputUsd: output_usd_per_1m,
    cachedUsd: cached_input_usd_per_1m || input_usd_per_1m,
    seesImages: model.architecture.input_modalities.includes("image"),
  };
}

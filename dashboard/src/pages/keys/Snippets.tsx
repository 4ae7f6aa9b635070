import { Anchor, Code, Stack, Tabs, Text } from "@mantine/core";
import { base } from "@/api/client";
import { useModels } from "@/data/models";
import { CopyButton } from "@/kit/CopyButton";
import classes from "./NewSecret.module.css";
import { curlSnippet, modelForSnippet, pythonSnippet } from "./snippet";

interface Props {
  /** The key itself, or what stands for it. */
  secret: string;
  /** The models that it may use; `null`: all. */
  models: string[] | null;
}

/** A first request, ready to be pasted: against this server, with a model that the key may use. */
export function Snippets({ secret, models }: Props) {
  const offered = useModels().data?.map((model) => model.id);
  const call = { origin: base(), secret, model: modelForSnippet(models, offered) };
  const snippets = [
    { name: "curl", text: curlSnippet(call) },
    { name: "Python", text: pythonSnippet(call) },
  ];
  return (
    <Stack gap="xs">
      <Tabs defaultValue="curl" keepMounted={false}>
        <Tabs.List aria-label="First request">
          {snippets.map(({ name }) => (
            <Tabs.Tab key={name} value={name}>
              {name}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {snippets.map(({ name, text }) => (
          <Tabs.Panel key={name} value={name} pt="sm" className={classes.snippet}>
            <Code
              block
              className={classes.code}
              tabIndex={0}
              role="region"
              aria-label={`First request with ${name}`}
            >
              {text}
            </Code>
            <div className={classes.copy}>
              <CopyButton value={text} what={`${name} snippet`} />
            </div>
            {name === "Python" && (
              <Text size="xs" c="dimmed" mt={6}>
                With OpenAI's library: <Code>pip install openai</Code>
              </Text>
            )}
          </Tabs.Panel>
        ))}
      </Tabs>
      <Text size="sm">
        <Anchor href="/clients.txt" target="_blank">
          Claude Code, Codex, LangChain and other programs
        </Anchor>
      </Text>
    </Stack>
  );
}

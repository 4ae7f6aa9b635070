import { t } from "@lingui/core/macro";
import { Anchor, Text } from "@mantine/core";
import { isValidElement, memo, type ReactNode } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import { CopyButton } from "@/kit/CopyButton";
import classes from "./Markdown.module.css";
import { withMath } from "./math";
import { useRich } from "./rich";

const PLUGINS = [remarkGfm];

/** Headings of an answer stand below the page's own. */
const COMPONENTS: Components = {
  h1: ({ children }) => <h2>{children}</h2>,
  h2: ({ children }) => <h3>{children}</h3>,
  h3: ({ children }) => <h4>{children}</h4>,
  h4: ({ children }) => <h5>{children}</h5>,
  h5: ({ children }) => <h6>{children}</h6>,
  a: ({ href, children }) => (
    <Anchor href={href} target="_blank" rel="noopener noreferrer" inherit underline="always">
      {children}
    </Anchor>
  ),
  // No request of the page's own to a server that a model has named: it could carry off what was said.
  img: ({ src, alt }) => (
    <Anchor href={String(src ?? "")} target="_blank" rel="noopener noreferrer" inherit underline="always">
      {alt || t`Picture`}
    </Anchor>
  ),
  table: ({ children }) => (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard
    <section className={`${classes.wide} scrolls-sideways`} aria-label={t`Table`} tabIndex={0}>
      <table>{children}</table>
    </section>
  ),
  pre: ({ node, children }) => <CodeBlock text={textOf(node)}>{children}</CodeBlock>,
};

/** A model's answer. Raw HTML in it is shown as text, and addresses that would run something lead nowhere. */
const Markdown = memo(function Markdown({ text }: { text: string }) {
  const { rich, isMath } = useRich(text);
  return (
    <div className={classes.markdown}>
      <ReactMarkdown
        remarkPlugins={[...PLUGINS, ...rich.flatMap(({ remark }) => remark)]}
        rehypePlugins={rich.flatMap(({ rehype }) => rehype)}
        components={Object.assign({}, COMPONENTS, ...rich.map(({ components }) => components))}
      >
        {isMath && rich.length > 0 ? withMath(text) : text}
      </ReactMarkdown>
    </div>
  );
});
export default Markdown;

interface Node {
  value?: string;
  children?: unknown[];
}

/** The text of a part of the tree, whatever it is coloured by. */
function textOf(node: Node | undefined): string {
  return node?.value ?? (node?.children ?? []).map((child) => textOf(child as Node)).join("");
}

function CodeBlock({ text, children }: { text: string; children?: ReactNode }) {
  const inner = isValidElement<{ className?: string; children?: ReactNode }>(children) ? children.props : {};
  const language = /language-(\S+)/.exec(inner.className ?? "")?.[1];
  return (
    <div className={classes.block}>
      <div className={classes.bar}>
        <Text size="xs" c="dimmed" component="span">
          {language ?? "text"}
        </Text>
        <CopyButton value={text.replace(/\n$/, "")} what={t`code`} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard */}
      <pre tabIndex={0}>
        <code>{inner.children}</code>
      </pre>
    </div>
  );
}

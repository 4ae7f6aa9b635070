import { ph, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { CloseButton, Text } from "@mantine/core";
import { FileTextIcon } from "lucide-react";
import type { Model } from "@/data/models";
import { Money } from "@/kit/Money";
import { formatCount } from "@/kit/numbers";
import classes from "./Attachments.module.css";
import { type Attached, readingUsd } from "./attached";

interface Props {
  files: Attached[];
  /** What will read them; absent where they have been read, or nobody can. */
  model?: Model;
  /** Why they cannot be sent. */
  problem?: string | null;
  onRemove?: (file: Attached) => void;
}

/** Files that go with a question, and about what reading them costs. */
export function Attachments({ files, model, problem = null, onRemove }: Props) {
  const tokens = files.reduce((sum, file) => sum + file.tokens, 0);
  return (
    <div className={classes.attachments}>
      <ul className={classes.files} aria-label={t`Attached`}>
        {files.map((file, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two files may have one name, and none changes
          <li key={index} className={classes.file}>
            {file.kind === "image" ? (
              <img src={file.content} alt="" className={classes.picture} />
            ) : (
              <FileTextIcon size={16} aria-hidden />
            )}
            <span className={classes.name}>{file.name}</span>
            {onRemove !== undefined && (
              <CloseButton
                size="xs"
                aria-label={t`Remove ${{ file: file.name }}`}
                onClick={() => onRemove(file)}
              />
            )}
          </li>
        ))}
      </ul>
      {problem !== null && (
        <Text size="xs" c="var(--mantine-color-error)" role="alert">
          {problem}
        </Text>
      )}
      {model !== undefined && problem === null && (
        <Text size="xs" c="dimmed">
          <Trans>
            About {ph({ tokens: formatCount(tokens) })} tokens to read,{" "}
            <Money usd={readingUsd(files, model)} /> with each question.
          </Trans>
        </Text>
      )}
    </div>
  );
}

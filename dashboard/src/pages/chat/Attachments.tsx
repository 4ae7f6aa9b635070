import { ph, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { CloseButton, Text } from "@mantine/core";
import { FileTextIcon } from "lucide-react";
import type { Model } from "@/data/models";
import { Money } from "@/kit/Money";
import { sumUsd } from "@/kit/money";
import { formatCount } from "@/kit/numbers";
import classes from "./Attachments.module.css";
import { type Attached, readingUsd } from "./attached";

interface Props {
  files: Attached[];
  /** Who will read them, each for money; none where they have been read, or nobody can. */
  models?: Model[];
  /** Why they cannot be sent. */
  problem?: string | null;
  /** A model that is asked, and not known to see the pictures among them. */
  unseenBy?: Model | null;
  onRemove?: (file: Attached) => void;
}

/** Files that go with a question, and about what reading them costs. */
export function Attachments({ files, models = [], problem = null, unseenBy = null, onRemove }: Props) {
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
      {unseenBy !== null && (
        <Text size="xs" role="status">
          {t`${{ model: unseenBy.id }} is not known to see pictures: it may refuse them, or answer without.`}
        </Text>
      )}
      {models.length > 0 && problem === null && (
        <Text size="xs" c="dimmed">
          <Trans>
            About {ph({ tokens: formatCount(tokens) })} tokens to read,{" "}
            <Money usd={sumUsd(models.map((model) => readingUsd(files, model)))} /> with each question.
          </Trans>
        </Text>
      )}
    </div>
  );
}

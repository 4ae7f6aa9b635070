import { t } from "@lingui/core/macro";
import { ActionIcon, Button, Group, Textarea, Tooltip } from "@mantine/core";
import { PencilIcon } from "lucide-react";
import { memo, useState } from "react";
import { Attachments } from "./Attachments";
import classes from "./Messages.module.css";
import type { Message } from "./store";

interface Props {
  message: Message;
  /** Absent where it cannot be changed any more. */
  onAgain?: (from: Message, edited: string) => Promise<void>;
}

/** What the person said. The last question can be put in other words. */
export const QuestionView = memo(function QuestionView({ message, onAgain }: Props) {
  const [edited, setEdited] = useState<string | null>(null);
  const [wasEdited, setWasEdited] = useState(false);
  const cancel = () => {
    setEdited(null);
    setWasEdited(true);
  };

  if (edited !== null && onAgain !== undefined) {
    const send = () => {
      setEdited(null);
      void onAgain(message, edited.trim());
    };
    return (
      <div className={classes.question}>
        <Textarea
          className={classes.editor}
          aria-label={t`Your question`}
          autosize
          autoFocus
          minRows={2}
          maxRows={12}
          value={edited}
          onChange={(event) => setEdited(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape") cancel();
          }}
        />
        <Group gap="xs">
          <Button variant="default" size="xs" onClick={cancel}>
            {t`Cancel`}
          </Button>
          <Button size="xs" disabled={edited.trim() === ""} onClick={send}>
            {t`Ask again`}
          </Button>
        </Group>
      </div>
    );
  }
  return (
    <div className={classes.question}>
      {message.files !== undefined && <Attachments files={message.files} />}
      {message.content !== "" && <div className={classes.bubble}>{message.content}</div>}
      {onAgain !== undefined && (
        <Tooltip label={t`Edit and ask again`}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="md"
            aria-label={t`Edit and ask again`}
            autoFocus={wasEdited} // where the focus was before
            onClick={() => setEdited(message.content)}
          >
            <PencilIcon size={16} />
          </ActionIcon>
        </Tooltip>
      )}
    </div>
  );
});

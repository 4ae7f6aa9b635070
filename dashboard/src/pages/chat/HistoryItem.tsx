import { t } from "@lingui/core/macro";
import { ActionIcon, Menu, TextInput } from "@mantine/core";
import { DownloadIcon, EllipsisIcon, PencilIcon, Trash2Icon } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { confirm } from "@/kit/confirm";
import { saveFile } from "@/kit/saveFile";
import { answering } from "./answering";
import classes from "./History.module.css";
import { exported } from "./portable";
import { type Conversation, db, removeConversation } from "./store";

interface Props {
  conversation: Conversation;
  snippet: string | null;
  isCurrent: boolean;
  onChoose?: () => void;
}

/** One conversation in the list: a link, and what can be done with it. */
export function HistoryItem({ conversation, snippet, isCurrent, onChoose }: Props) {
  const { id, title } = conversation;
  const navigate = useNavigate();
  const [isRenaming, setRenaming] = useState(false);

  async function remove() {
    const sure = await confirm({
      title: t`Delete this conversation?`,
      children: t`“${title}” is kept in this browser alone, so nobody can bring it back.`,
      action: t`Delete`,
      danger: true,
    });
    if (!sure) return;
    answering.stop(id);
    await removeConversation(id);
    if (isCurrent) await navigate("/chat");
  }

  async function save() {
    saveFile(await exported(conversation), `${fileName(title)}.json`);
  }

  async function rename(name: string) {
    setRenaming(false);
    const trimmed = name.trim();
    if (trimmed !== "") await db.conversations.update(id, { title: trimmed });
  }

  if (isRenaming) {
    return (
      <li>
        <TextInput
          aria-label={t`Name of the conversation`}
          size="sm"
          data-autofocus
          autoFocus
          maxLength={100}
          defaultValue={title}
          onFocus={(event) => event.currentTarget.select()}
          onBlur={(event) => void rename(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter") event.currentTarget.blur();
            if (event.key === "Escape") {
              event.stopPropagation(); // it would close the drawer
              setRenaming(false);
            }
          }}
        />
      </li>
    );
  }
  return (
    <li className={classes.item} data-current={isCurrent || undefined}>
      <Link
        to={`/chat/${id}`}
        className={classes.link}
        aria-current={isCurrent ? "page" : undefined}
        onClick={onChoose}
      >
        <span className={classes.title}>{title}</span>
        {snippet !== null && <span className={classes.snippet}>{snippet}</span>}
      </Link>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon
            className={classes.more}
            variant="subtle"
            color="gray"
            aria-label={t`More about ${title}`}
          >
            <EllipsisIcon size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<PencilIcon size={16} aria-hidden />}
            onClick={() => setTimeout(() => setRenaming(true))} // after the menu has given the focus back
          >
            {t`Rename`}
          </Menu.Item>
          <Menu.Item leftSection={<DownloadIcon size={16} aria-hidden />} onClick={() => void save()}>
            {t`Save as a file`}
          </Menu.Item>
          <Menu.Item
            color="red"
            leftSection={<Trash2Icon size={16} aria-hidden />}
            onClick={() => void remove()}
          >
            {t`Delete`}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </li>
  );
}

/** A title as files can be called. */
function fileName(title: string): string {
  return (
    title
      .replace(/[^\p{L}\p{N}]+/gu, "-")
      .replace(/^-|-$/g, "")
      .slice(0, 60) || "conversation"
  );
}

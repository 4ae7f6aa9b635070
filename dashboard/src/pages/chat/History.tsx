import { t } from "@lingui/core/macro";
import { ActionIcon, Button, Menu, ScrollArea, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useLiveQuery } from "dexie-react-hooks";
import { EllipsisIcon, KeyboardIcon, PlusIcon, SearchIcon, Trash2Icon, UploadIcon } from "lucide-react";
import { useRef, useState } from "react";
import { Link, useNavigate } from "react-router";
import { useZone } from "@/data/me";
import { confirm } from "@/kit/confirm";
import { Loading } from "@/kit/Loading";
import { notifyDone, notifyRefused } from "@/kit/notify";
import { answering } from "./answering";
import classes from "./History.module.css";
import { HistoryItem } from "./HistoryItem";
import { groupOf, inGroups } from "./historyGroups";
import { imported } from "./portable";
import { showShortcuts } from "./shortcuts";
import { findConversations, removeAll } from "./store";

const MOST_BYTES = 50_000_000;

interface Props {
  uid: string;
  /** The conversation that is open. */
  current: string;
  onChoose?: () => void;
}

/** A person's conversations in this browser, to choose from and to search. */
export function History({ uid, current, onChoose }: Props) {
  const zone = useZone();
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const picker = useRef<HTMLInputElement>(null);
  const [sought] = useDebouncedValue(text, 150);
  const found = useLiveQuery(() => findConversations(uid, sought), [uid, sought]);

  async function open(file: File) {
    try {
      if (file.size > MOST_BYTES) throw new Error(t`This file is too large to be a conversation.`);
      const id = await imported(uid, await file.text());
      onChoose?.();
      await navigate(`/chat/${id}`);
    } catch (error) {
      notifyRefused(error);
    }
  }

  async function clear() {
    const sure = await confirm({
      title: t`Delete every conversation?`,
      children: t`They are kept in this browser alone, so nobody can bring them back. What they cost stays in your usage.`,
      action: t`Delete all`,
      danger: true,
    });
    if (!sure) return;
    for (const { conversation } of found ?? []) answering.stop(conversation.id);
    await removeAll(uid);
    await navigate("/chat");
    notifyDone(t`Every conversation is deleted.`);
  }

  return (
    <>
      <div className={classes.top}>
        <Button
          component={Link}
          to="/chat"
          fullWidth
          leftSection={<PlusIcon size={17} aria-hidden />}
          onClick={onChoose}
        >
          {t`New chat`}
        </Button>
        <div className={classes.search}>
          <TextInput
            type="search"
            aria-label={t`Search conversations`}
            placeholder={t`Search`}
            flex={1}
            leftSection={<SearchIcon size={16} aria-hidden />}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t`All conversations`}>
                <EllipsisIcon size={18} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item
                leftSection={<UploadIcon size={16} aria-hidden />}
                onClick={() => picker.current?.click()}
              >
                {t`Open a saved conversation`}
              </Menu.Item>
              <Menu.Item leftSection={<KeyboardIcon size={16} aria-hidden />} onClick={showShortcuts}>
                {t`Keyboard shortcuts`}
              </Menu.Item>
              <Menu.Item
                color="red"
                leftSection={<Trash2Icon size={16} aria-hidden />}
                disabled={!found?.length}
                onClick={() => void clear()}
              >
                {t`Delete all conversations`}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
          <input
            ref={picker}
            type="file"
            accept="application/json,.json"
            aria-label={t`A saved conversation`}
            hidden
            onChange={(event) => {
              const [file] = event.currentTarget.files ?? [];
              event.currentTarget.value = ""; // the same file may be chosen again
              if (file !== undefined) void open(file);
            }}
          />
        </div>
      </div>
      <ScrollArea className={classes.list} type="hover" scrollbarSize={8}>
        {found === undefined ? (
          <Loading as="lines" />
        ) : found.length === 0 ? (
          <Text size="sm" c="dimmed" px="xs" py="sm">
            {sought.trim() === ""
              ? t`Your conversations are kept in this browser, and appear here.`
              : t`No conversation mentions that.`}
          </Text>
        ) : (
          inGroups(found, ({ conversation }) => groupOf(conversation.updatedAt, Date.now(), zone)).map(
            ({ title, items }) => (
              <section key={title} aria-label={title}>
                <Text className={classes.group}>{title}</Text>
                <ul className={classes.items}>
                  {items.map(({ conversation, snippet }) => (
                    <HistoryItem
                      key={conversation.id}
                      conversation={conversation}
                      snippet={snippet}
                      isCurrent={conversation.id === current}
                      onChoose={onChoose}
                    />
                  ))}
                </ul>
              </section>
            ),
          )
        )}
      </ScrollArea>
    </>
  );
}

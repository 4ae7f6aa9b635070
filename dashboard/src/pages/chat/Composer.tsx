import { t } from "@lingui/core/macro";
import { ActionIcon, CloseButton, FileButton, Textarea, Tooltip } from "@mantine/core";
import { ArrowUpIcon, Columns2Icon, PaperclipIcon, SquareIcon } from "lucide-react";
import { type KeyboardEvent, type Ref, useEffect, useImperativeHandle, useRef, useState } from "react";
import { useSuggestedModel } from "@/data/models";
import { notifyProblem, notifyRefused } from "@/kit/notify";
import { Attachments } from "./Attachments";
import { answering, useLive } from "./answering";
import { ACCEPTED, type Attached, attach, isUnseen, MOST_FILES, unreadable } from "./attached";
import classes from "./Composer.module.css";
import { ModelPicker } from "./ModelPicker";
import { SettingsPopover } from "./SettingsPopover";
import type { Settings } from "./store";
import { useChatModels } from "./useChatModels";

/** What others may have it do. */
export interface ComposerHandle {
  /** Take the focus, where that raises no keyboard over the page. */
  focus: () => void;
}

interface Props {
  ref?: Ref<ComposerHandle>;
  settings: Settings;
  /** The conversation that it goes on with; absent for a new one. */
  conversation?: string;
  onChange: (changes: Partial<Settings>) => void;
  onSend: (text: string, files: Attached[]) => Promise<void>;
}

/** Where a question is written: Enter sends it, Shift and Enter begin a line. */
export function Composer({ ref, settings, conversation, onChange, onSend }: Props) {
  const [text, setText] = useState("");
  const [files, setFiles] = useState<Attached[]>([]);
  const field = useRef<HTMLTextAreaElement>(null);
  const [first, beside] = [useLive(conversation), useLive(conversation, true)];
  const live = first ?? beside;
  const models = useChatModels();
  const model = models.data?.find(({ id }) => id === settings.model);
  const isModel = model !== undefined;
  const second = models.data?.find(({ id }) => id === settings.second);
  const asked = [model, second].filter((each) => each !== undefined);
  const unseen = asked.find((each) => isUnseen(files, each)) ?? null;
  const unread = asked.map((each) => unreadable(files, each)).find((problem) => problem !== null) ?? null;
  const canSend =
    (text.trim() !== "" || files.length > 0) && isModel && unread === null && live === undefined;

  const { model: suggested } = useSuggestedModel(null);
  const firstModel = (models.data?.find(({ id }) => id === suggested?.id) ?? models.data?.[0])?.id;
  useEffect(() => {
    const isKnown = firstModel !== undefined && suggested !== undefined;
    if (isKnown && !isModel) onChange({ model: firstModel }); // none was chosen yet, or it is gone
  }, [firstModel, suggested, isModel, onChange]);

  useEffect(() => focusIfKeyboard(field.current), []);
  useImperativeHandle(ref, () => ({ focus: () => focusIfKeyboard(field.current) }), []);

  async function send() {
    if (!canSend) return;
    setText("");
    setFiles([]);
    focusIfKeyboard(field.current); // the button that was pressed goes
    try {
      await onSend(text.trim(), files);
    } catch (error) {
      setText(text);
      setFiles(files);
      notifyProblem(error, t`The question was not sent`);
    }
  }

  async function add(chosen: Iterable<File>) {
    for (const file of [...chosen].slice(0, MOST_FILES)) {
      try {
        const attached = await attach(file);
        setFiles((others) => [...others, attached].slice(0, MOST_FILES));
      } catch (error) {
        notifyRefused(error);
      }
    }
    focusIfKeyboard(field.current);
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void send();
  }

  return (
    <form
      className={classes.composer}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: who cannot drop a file has the button below */}
      <div
        className={classes.box}
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault();
          void add(event.dataTransfer.files);
        }}
      >
        {files.length > 0 && (
          <Attachments
            files={files}
            models={asked}
            problem={unread}
            unseenBy={unseen}
            onRemove={(gone) => setFiles(files.filter((file) => file !== gone))}
          />
        )}
        <Textarea
          ref={field}
          variant="unstyled"
          aria-label={t`Message`}
          placeholder={t`Ask something`}
          autosize
          minRows={1}
          maxRows={10}
          size="md"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onPaste={(event) => {
            if (event.clipboardData.files.length === 0) return; // words go where they are pasted
            event.preventDefault();
            void add(event.clipboardData.files);
          }}
        />
        <div className={classes.bar}>
          <FileButton onChange={(chosen) => void add(chosen)} multiple accept={ACCEPTED}>
            {(props) => (
              <Tooltip label={t`Attach pictures, PDFs or texts`}>
                <ActionIcon
                  {...props}
                  variant="subtle"
                  color="gray"
                  size={34}
                  aria-label={t`Attach pictures, PDFs or texts`}
                  disabled={files.length >= MOST_FILES}
                >
                  <PaperclipIcon size={18} strokeWidth={1.7} />
                </ActionIcon>
              </Tooltip>
            )}
          </FileButton>
          <ModelPicker models={models} value={settings.model} onChange={(model) => onChange({ model })} />
          <SecondModel models={models} settings={settings} onChange={onChange} />
          <SettingsPopover settings={settings} onChange={onChange} />
          <span className={classes.gap} />
          {live !== undefined && conversation !== undefined ? (
            <Tooltip label={t`Stop`}>
              <ActionIcon
                size={36}
                radius="xl"
                aria-label={t`Stop the answer`}
                onClick={() => {
                  answering.stop(conversation);
                  focusIfKeyboard(field.current); // the button that was pressed goes
                }}
              >
                <SquareIcon size={16} fill="currentColor" />
              </ActionIcon>
            </Tooltip>
          ) : (
            <Tooltip label={t`Send`}>
              <ActionIcon size={36} radius="xl" type="submit" aria-label={t`Send`} disabled={!canSend}>
                <ArrowUpIcon size={20} />
              </ActionIcon>
            </Tooltip>
          )}
        </div>
      </div>
    </form>
  );
}

/** A second model that answers beside the first, where one is wanted. Both answers are paid. */
function SecondModel({
  models,
  settings,
  onChange,
}: Pick<Props, "settings" | "onChange"> & { models: ReturnType<typeof useChatModels> }) {
  const { model, second } = settings;
  const other = models.data?.find(({ id }) => id !== model)?.id;
  if (!second) {
    return (
      <Tooltip label={t`Ask a second model beside it`}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={34}
          aria-label={t`Ask a second model beside it`}
          disabled={other === undefined}
          onClick={() => onChange({ second: other })}
        >
          <Columns2Icon size={18} strokeWidth={1.7} />
        </ActionIcon>
      </Tooltip>
    );
  }
  return (
    <>
      <ModelPicker models={models} value={second} onChange={(chosen) => onChange({ second: chosen })} />
      <CloseButton
        className={classes.second}
        size="sm"
        aria-label={t`Ask one model`}
        onClick={() => onChange({ second: null })}
      />
    </>
  );
}

function focusIfKeyboard(field: HTMLElement | null): void {
  if (window.matchMedia("(hover: hover)").matches) field?.focus({ preventScroll: true });
}

import { ActionIcon, Textarea, Tooltip } from "@mantine/core";
import { ArrowUpIcon, SquareIcon } from "lucide-react";
import { type KeyboardEvent, type Ref, useEffect, useImperativeHandle, useRef, useState } from "react";
import { notifyProblem } from "@/kit/notify";
import { answering, useLive } from "./answering";
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
  onSend: (text: string) => Promise<void>;
}

/** Where a question is written: Enter sends it, Shift and Enter begin a line. */
export function Composer({ ref, settings, conversation, onChange, onSend }: Props) {
  const [text, setText] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  const live = useLive(conversation);
  const models = useChatModels();
  const isModel = models.data?.some(({ id }) => id === settings.model) ?? false;
  const canSend = text.trim() !== "" && isModel && live === undefined;

  const first = models.data?.[0]?.id;
  useEffect(() => {
    if (first !== undefined && !isModel) onChange({ model: first }); // none was chosen yet, or it is gone
  }, [first, isModel, onChange]);

  useEffect(() => focusIfKeyboard(field.current), []);
  useImperativeHandle(ref, () => ({ focus: () => focusIfKeyboard(field.current) }), []);

  async function send() {
    if (!canSend) return;
    setText("");
    focusIfKeyboard(field.current); // the button that was pressed goes
    try {
      await onSend(text.trim());
    } catch (error) {
      setText(text);
      notifyProblem(error, "The question was not sent");
    }
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
      <div className={classes.box}>
        <Textarea
          ref={field}
          variant="unstyled"
          aria-label="Message"
          placeholder="Ask something"
          autosize
          minRows={1}
          maxRows={10}
          size="md"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <div className={classes.bar}>
          <ModelPicker models={models} value={settings.model} onChange={(model) => onChange({ model })} />
          <SettingsPopover settings={settings} onChange={onChange} />
          <span className={classes.gap} />
          {live !== undefined && conversation !== undefined ? (
            <Tooltip label="Stop">
              <ActionIcon
                size={36}
                radius="xl"
                aria-label="Stop the answer"
                onClick={() => {
                  answering.stop(conversation);
                  focusIfKeyboard(field.current); // the button that was pressed goes
                }}
              >
                <SquareIcon size={16} fill="currentColor" />
              </ActionIcon>
            </Tooltip>
          ) : (
            <Tooltip label="Send">
              <ActionIcon size={36} radius="xl" type="submit" aria-label="Send" disabled={!canSend}>
                <ArrowUpIcon size={20} />
              </ActionIcon>
            </Tooltip>
          )}
        </div>
      </div>
    </form>
  );
}

function focusIfKeyboard(field: HTMLElement | null): void {
  if (window.matchMedia("(hover: hover)").matches) field?.focus({ preventScroll: true });
}

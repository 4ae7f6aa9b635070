import { t } from "@lingui/core/macro";
import { CloseButton, TextInput, type TextInputProps } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { SearchIcon } from "lucide-react";
import { useState } from "react";

interface Props extends Omit<TextInputProps, "value" | "onChange"> {
  label: string;
  initial: string;
  /** Called when the typing rests. */
  onSearch: (text: string) => void;
}

const REST_MS = 300;

/** A field that searches while one types. */
export function SearchField({ label, initial, onSearch, ...input }: Props) {
  const [typed, setTyped] = useState(initial);
  const search = useDebouncedCallback((text: string) => onSearch(text.trim()), REST_MS);
  const change = (text: string) => {
    setTyped(text);
    search(text);
  };
  return (
    <TextInput
      aria-label={label}
      placeholder={label}
      type="search"
      autoComplete="off"
      leftSection={<SearchIcon size={16} strokeWidth={1.8} aria-hidden />}
      rightSection={typed !== "" && <CloseButton aria-label={t`Clear`} onClick={() => change("")} />}
      onBlur={() => search.flush()} // who goes on to a row's page is not called back from there
      {...input}
      value={typed}
      onChange={(event) => change(event.currentTarget.value)}
    />
  );
}

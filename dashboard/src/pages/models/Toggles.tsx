import { Button, Input } from "@mantine/core";
import { useId } from "react";
import classes from "./Models.module.css";

interface Props<Value extends string> {
  label: string;
  data: { value: Value; label: string }[];
  value: Value[];
  onChange: (value: Value[]) => void;
}

/** Several of a few, each seen at a glance and set by a click. */
export function Toggles<Value extends string>({ label, data, value, onChange }: Props<Value>) {
  const id = useId();
  return (
    <fieldset className={classes.group} aria-labelledby={id}>
      <Input.Label id={id} labelElement="div">
        {label}
      </Input.Label>
      <div className={classes.toggles}>
        {data.map((each) => {
          const isOn = value.includes(each.value);
          return (
            <Button
              key={each.value}
              size="compact-sm"
              radius="xl"
              px="sm"
              variant={isOn ? "light" : "default"}
              aria-pressed={isOn}
              onClick={() =>
                onChange(isOn ? value.filter((one) => one !== each.value) : [...value, each.value])
              }
            >
              {each.label}
            </Button>
          );
        })}
      </div>
    </fieldset>
  );
}

// A text field that sends its text a moment after the last key, and never takes it back:
// Python's value is only put in when Python has set another one (`version`).

const fields = new WeakMap();

export default ({ parentElement, data, setStateValue }) => {
    const area = parentElement.querySelector("textarea");
    const note = parentElement.querySelector(".note");
    const field = fields.get(area) ?? { version: null, sent: null, timer: 0 };
    fields.set(area, field);

    parentElement.querySelector(".label").textContent = data.label;
    area.placeholder = data.placeholder;
    area.rows = data.rows;

    const tell = () => {
        const count = area.value.length;
        note.textContent = count > data.limit
            ? `${count.toLocaleString("en")} characters; only the first ${data.limit.toLocaleString("en")} are read.`
            : "";
    };
    const send = () => {
        clearTimeout(field.timer);
        let text = area.value.slice(0, data.limit);
        if (/[\uD800-\uDBFF]$/.test(text)) text = text.slice(0, -1); // half a character
        if (text === field.sent) return;
        field.sent = text;
        setStateValue("text", text.toWellFormed ? text.toWellFormed() : text);
    };
    if (field.version !== data.version) {
        field.version = data.version;
        clearTimeout(field.timer);
        area.value = field.sent = data.value;
    }
    tell();
    const later = () => {
        tell();
        clearTimeout(field.timer);
        field.timer = setTimeout(send, data.pause);
    };
    area.oninput = (event) => { if (!event.isComposing) later(); };
    area.oncompositionend = later;
    area.onblur = send;
    area.onkeydown = (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send(); };
    return () => clearTimeout(field.timer);
};

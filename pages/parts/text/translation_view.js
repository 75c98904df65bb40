// A text that was read and the one that was written for it: tokens, what else might have been written, and where the
// network looked. Text goes in as text, never as markup.

const shown = new WeakMap(); // what a root shows already, so that nothing moves twice

const visible = (piece) => piece.replace(/ /g, "·").replace(/\n/g, "⏎");
const percent = (share) => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
const shade = (share) =>
    `color-mix(in srgb, var(--st-primary-color) ${Math.round(100 * Math.min(1, share))}%, transparent)`;

const element = (tag, className, text = "") => {
    const made = document.createElement(tag);
    made.className = className;
    made.textContent = text;
    return made;
};

export default ({ parentElement, data }) => {
    const root = parentElement.querySelector(".translation");
    const state = JSON.stringify(data);
    if (shown.get(root) === state) return;
    shown.set(root, state);
    const { source, steps, attends } = data;
    const [read, written, plain, about, candidates, matrix] = root.querySelectorAll(".part");
    read.dataset.title = data.titles[0];
    written.dataset.title = data.titles[1];

    const chips = (place, pieces, kind) => pieces.map((piece, i) => {
        const chip = element("span", "token", piece);
        chip.onmouseenter = chip.onfocus = () => look(kind, i);
        place.append(chip);
        return chip;
    });
    plain.replaceChildren(element("span", "new", data.text));
    plain.firstChild.style.animationDelay = `${90 * steps.length}ms`;
    for (const part of [read, written, matrix]) part.replaceChildren();
    const sources = chips(read, source.map(visible), "source");
    const targets = chips(written, steps.map((step) => step.end ? "■" : visible(step.piece)), "target");
    targets.forEach((chip, i) => {
        chip.classList.add("new");
        chip.classList.toggle("end", steps[i].end);
        chip.style.animationDelay = `${90 * i}ms`;
        chip.title = `${steps[i].end ? "the end" : `“${steps[i].piece}”`}: ${percent(steps[i].probability)}`;
        if (steps[i].probability < 0.5) chip.classList.add("unsure");
    });

    roving(read, () => sources);
    roving(written, () => targets);
    const cells = [];
    matrix.hidden = !attends;
    if (attends) {
        matrix.style.gridTemplateColumns = `auto repeat(${source.length}, minmax(15px, 26px))`;
        matrix.append(element("span", "corner"), ...source.map((piece) => element("span", piece.length > 1 ? "column" : "column upright", visible(piece))));
        steps.forEach((step, row) => {
            matrix.append(element("span", "row", step.end ? "■" : visible(step.piece)));
            cells.push(step.attention.map((share, column) => {
                const cell = element("span", "cell");
                cell.style.background = shade(share);
                cell.title = `“${steps[row].end ? "the end" : step.piece}” looks at “${source[column]}”: ${percent(share)}`;
                cell.onmouseenter = () => look("cell", row, column);
                matrix.append(cell);
                return cell;
            }));
        });
    }

    const bars = (row) => {
        const step = steps[row];
        about.textContent = `Candidates at place ${row + 1}`;
        candidates.replaceChildren(...step.candidates.flatMap((candidate) => {
            const bar = element("span", "bar");
            bar.style.width = `${100 * candidate.probability}%`;
            const word = element("span", "word", candidate.end ? "■ (end)" : visible(candidate.piece));
            const track = element("span", "track");
            track.append(bar);
            word.classList.toggle("taken", candidate.piece === step.piece);
            return [word, track, element("span", "share", percent(candidate.probability))];
        }));
    };

    // What is looked at: a written token, a token that was read, or where the two meet.
    const look = (kind, first, second) => {
        const row = kind === "source" ? -1 : first;
        const column = kind === "source" ? first : kind === "cell" ? second : -1;
        sources.forEach((chip, i) => {
            chip.classList.toggle("at", i === column);
            chip.style.background = row >= 0 && attends ? shade(steps[row].attention[i]) : "";
        });
        targets.forEach((chip, i) => {
            chip.classList.toggle("at", i === row);
            chip.style.background = row < 0 && attends ? shade(steps[i].attention[column]) : "";
        });
        cells.forEach((line, i) => line.forEach((cell, j) => cell.classList.toggle("on", i === row || j === column)));
        if (row >= 0) bars(row);
    };
    if (steps.length) look("target", data.start);
};

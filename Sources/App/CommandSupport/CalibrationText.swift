package import Tokenization

/// Text that activations are measured on before weights are rounded to 4 bits.
package enum CalibrationText {
    /// Most bytes of a file with another text than the built-in one.
    package static let fileLimit = 1 << 20
    /// Most tokens that are read: the first of a longer text.
    package static let mostTokens = 16_384
    /// Tokens of a window, which is read as a sequence of its own.
    private static let windowTokens = 512

    /// A text in windows of tokens.
    package static func windows(of text: String = builtIn, _ tokenizer: Tokenizer) -> [[Int32]] {
        let tokens = tokenizer.encode(text, addSpecialTokens: true, parseSpecialTokens: false).prefix(mostTokens)
        return stride(from: 0, to: tokens.count, by: windowTokens).map { start in
            tokens[start..<min(start + windowTokens, tokens.count)].map { Int32($0) }
        }
    }

    /// A short text of many kinds.
    package static let builtIn = """
        The river had been rising since the morning. By noon it stood a hand's breadth below the old bridge, brown and fast, \
        carrying branches, a broken fence, and once, turning slowly, an empty rowing boat. People came out of their houses \
        to look at it. Nobody spoke much. The baker, who had seen the flood of 1953 as a boy, moved his sacks of flour to the \
        upper floor and then stood in the doorway with his arms folded. "It will hold," he said, to no one in particular.

        Photosynthesis is the process by which plants, algae and some bacteria turn light into chemical energy. In the first \
        stage, chlorophyll in the thylakoid membranes absorbs photons and water is split, which releases oxygen and yields ATP \
        and NADPH. In the second, the Calvin cycle, these fix carbon dioxide into sugars. The overall equation is \
        6 CO2 + 6 H2O -> C6H12O6 + 6 O2. Efficiency is low: in most crops between one and two percent.

        def merge_sort(items):
            \"\"\"Return a new sorted list; stable, O(n log n).\"\"\"
            if len(items) <= 1:
                return list(items)
            middle = len(items) // 2
            left, right = merge_sort(items[:middle]), merge_sort(items[middle:])
            merged, i, j = [], 0, 0
            while i < len(left) and j < len(right):
                if left[i] <= right[j]:
                    merged.append(left[i]); i += 1
                else:
                    merged.append(right[j]); j += 1
            return merged + left[i:] + right[j:]

        user: What's the difference between TCP and UDP?
        assistant: TCP sets up a connection, numbers its bytes and sends lost ones again, so that a stream arrives whole and \
        in order. UDP sends single datagrams without any of that: cheaper and quicker, but the application has to live with \
        loss and disorder. Web pages and mail use TCP; voice calls, games and DNS queries mostly use UDP.

        {"id": 4711, "customer": {"name": "Ana Souza", "city": "Porto"}, "items": [{"sku": "A-100", "quantity": 2, \
        "price": 19.90}, {"sku": "B-205", "quantity": 1, "price": 5.25}], "paid": true, "note": null}

        Let f(x) = x^3 - 3x + 1. Then f'(x) = 3x^2 - 3, which is zero at x = -1 and x = 1. Since f''(x) = 6x, the point x = -1 \
        is a local maximum with f(-1) = 3, and x = 1 is a local minimum with f(1) = -1. Therefore f has exactly three real \
        roots: one below -1, one between -1 and 1, and one above 1.

        SELECT d.name, COUNT(*) AS employees, AVG(e.salary) AS average
        FROM employees AS e JOIN departments AS d ON d.id = e.department_id
        WHERE e.hired_at >= '2020-01-01' GROUP BY d.name HAVING COUNT(*) > 5 ORDER BY average DESC;

        Die Bundesrepublik Deutschland besteht aus sechzehn Ländern. Jedes Land hat eine eigene Verfassung, ein Parlament und \
        eine Regierung; für Schulen und Polizei sind die Länder selbst zuständig.

        La révolution industrielle commença en Angleterre vers la fin du dix-huitième siècle. La machine à vapeur, le charbon \
        et le fer transformèrent le travail, les villes et les transports en moins de deux générations.

        El tren salió de la estación a las ocho y cuarto. Llevaba una maleta pequeña, un libro y la dirección de una pensión \
        cerca del puerto, escrita en un papel doblado en cuatro.

        北京是中国的首都，有三千多年的历史。故宫位于城市的中心，每年有上千万人参观。
        東京の朝は早い。駅では、人々が静かに列を作って電車を待っている。
        Москва стоит на семи холмах, как говорят, хотя сегодня их трудно заметить среди домов и улиц.

        ## Installation

        1. Download the archive for your system and check its sum with `sha256sum`.
        2. Unpack it: `tar -xzf tool-2.4.1.tar.gz && cd tool-2.4.1`.
        3. Run `./configure --prefix=/usr/local && make -j4 && sudo make install`.

        If the build stops with "undefined reference to `pthread_create`", add `-pthread` to `LDFLAGS` and start again. Bugs \
        can be reported on the tracker; please say which version you have (`tool --version`) and what you expected to happen.

        #include <stdio.h>

        int main(int argc, char **argv) {
            unsigned long long product = 1;
            for (int i = 2; i <= 20; i++) product *= i;
            printf("%d arguments, 20! = %llu\\n", argc - 1, product);
            return 0;
        }

        The committee met on Tuesday, 14 March, at 10:30. Present were Ms Adeyemi (chair), Mr Lindqvist, Dr Rao and two guests. \
        The minutes of the last meeting were approved with one correction. Mr Lindqvist reported that costs in the first \
        quarter had come to 1.27 million euros, 4.6 percent below plan, mostly because two posts are still vacant. It was \
        agreed to advertise both before the end of the month. The next meeting will be held on 11 April.

        "You can't keep it," said Mira. "It's a wild animal." The fox looked from one to the other, as if the matter were still \
        open. Her brother knelt down and held out the last piece of his sandwich. "I'm not keeping it," he said. "It's visiting."
        """
}

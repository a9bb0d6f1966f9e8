import Models
import Testing

/// What rank 0 tells the others, on the wire.
@Suite struct RankCommandTests {
    private static let batch = ModelBatch(
        tokens: [5, 6, 7, 9],
        slices: [
            .init(rows: 0..<3, position: 64, blocks: [4, -1, 7], logitRows: [0, 2]),
            .init(rows: 3..<4, position: 0, blocks: [1], hiddenRows: 0..<1),
        ]
    )
    private static let commands: [RankCommand] = [
        .allocate(blockCount: 1 << 40, tokensPerBlock: 32), .reserve(tokens: 8192, logitRows: 64), .begin(batch),
        .begin(batch, adapters: [0, .max - 7]), .begin(ModelBatch()), .finish, .logits(3..<64),
        .copyBlock(from: 7, to: 1 << 30), .stop,
    ]

    @Test(arguments: commands) func aCommandArrivesAsItWasSent(command: RankCommand) throws {
        let sent = EncodedCommand(command)
        #expect(sent.head.count == EncodedCommand.headCount)
        #expect(EncodedCommand.bodyCount(sent.head) == sent.body.count)
        #expect(EncodedCommand(head: sent.head, body: sent.body).command == command)
    }

    @Test func headsThatAreNoneAreRefused() {
        for head: [Int64] in [[], [7, 0, 0, 0], [-1, 0, 0, 0], [2, -1, 0, 0], [2, 1 << 40, 0, 0], [2, 0, 0]] {
            #expect(EncodedCommand.bodyCount(head) == nil, "\(head)")
        }
        #expect(EncodedCommand(head: [4, 0, 5, 3], body: []).command == nil)
        #expect(EncodedCommand(head: [5, 0, 1 << 40, 3], body: []).command == nil)
    }

    @Test func aBatchThatIsCutShortOrChangedIsNeverAnotherBatchOutOfBounds() {
        let whole = EncodedCommand(.begin(Self.batch)).body
        let head: [Int64] = [2, 0, 0, 0]
        for count in whole.indices {
            #expect(EncodedCommand(head: head, body: Array(whole[..<count])).command == nil, "\(count) integers")
        }
        for wrong: [Int32] in [[0], [1], [2, 1, 0], [4, 1, 0], [4, 1, 0, 2, 0, 0], [-1], [.max]] {
            #expect(EncodedCommand(head: head, body: whole + wrong).command == nil)
        }
        for index in whole.indices {
            for value: Int32 in [-1, .max, .min] {
                var body = whole
                body[index] = value
                guard case .begin(let batch, _) = EncodedCommand(head: head, body: body).command else { continue }
                #expect(batch.slices.last?.rows.upperBound == batch.tokens.count)
            }
        }
    }
}

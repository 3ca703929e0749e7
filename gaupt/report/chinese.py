"""What the report says, in Chinese: by the English texts of the code, and by the names that files have."""

from collections.abc import Mapping

from gaupt.terms import CHINESE_TERMS

TEXTS: Mapping[str, str] = {
    # the page
    "gaupt report: {names}": "gaupt 报告：{names}",
    "To the content": "跳到正文",
    "Contents": "目录",
    # charts
    "{name} from {first} at {x_label} {start} to {last} at {stop}": (
        "{name}：{x_label} {start} 时为 {first}，{stop} 时为 {last}"
    ),
    "{name} {value}": "{name} {value}",
    "{chart}: nothing logged.": "{chart}：没有记录。",
    "values": "数值",
    # the verdict
    "All of the {read:,} documents were kept.": "{read:,} 篇文档全部保留。",
    "{kept:,} of {read:,} documents were kept ({share:.1%}); most went as {rule}.": (
        "{read:,} 篇文档保留 {kept:,} 篇（{share:.1%}）；剔除最多的原因是“{rule}”。"
    ),
    "The run is not complete: step {step:,} of {steps:,}.": "训练尚未完成：第 {step:,} 步，共 {steps:,} 步。",
    "The model learned from context: its validation loss is {gain:.2f} nats below the unigram entropy.": (
        "模型学到了上下文：验证损失比一元熵低 {gain:.2f} nat。"
    ),
    "The model learned nothing from context yet: "
    "its validation loss is {gain:.2f} nats above the unigram entropy.": (
        "模型还没有学到上下文：验证损失比一元熵高 {gain:.2f} nat。"
    ),
    "Of {count} runs, {best} has the lowest validation loss, {gain:.4f} nats below {second}.": (
        "{count} 次训练中 {best} 的验证损失最低，比 {second} 低 {gain:.4f} nat。"
    ),
    "Of {count} runs, less than two have a validation loss to compare.": (
        "{count} 次训练中，有验证损失可比的不足两次。"
    ),
    "{model} knows more of {task} than random weights: {gain:+.1f} points, 95% from {low:+.1f} to {high:+.1f}.": (
        "在 {task} 上 {model} 优于随机权重：{gain:+.1f} 分，95% 置信区间 {low:+.1f} 到 {high:+.1f}。"
    ),
    "{model} knows less of {task} than random weights: {gain:+.1f} points, 95% from {low:+.1f} to {high:+.1f}.": (
        "在 {task} 上 {model} 不如随机权重：{gain:+.1f} 分，95% 置信区间 {low:+.1f} 到 {high:+.1f}。"
    ),
    "{model} is not to be told from random weights on {task}: "
    "{gain:+.1f} points, 95% from {low:+.1f} to {high:+.1f}.": (
        "在 {task} 上 {model} 与随机权重没有显著差别：{gain:+.1f} 分，95% 置信区间 {low:+.1f} 到 {high:+.1f}。"
    ),
    "{model} is better than random weights on {better} of {count} tasks.": (
        "{count} 个任务中，{model} 在 {better} 个上优于随机权重。"
    ),
    "came in": "读入",
    "documents, {size}, from {count} sources": "篇文档，{size}，{count} 个来源",
    "documents, {size}, {chinese:,} Chinese characters": "篇文档，{size}，{chinese:,} 个汉字",
    "nats a masked token, at step {step:,}": "nat／被遮词元，第 {step:,} 步",
    "nats, what a model that ignores the context can reach": "nat，不看上下文的模型所能达到的损失",
    "{gain:+.2f} nats below the unigram entropy": "比一元熵低 {gain:+.2f} nat",
    "held-out text": "留出文本",
    "bits a hidden character, {model}": "比特／被遮字，{model}",
    "average of {count} tasks, {model}": "{count} 个任务的平均分，{model}",
    "{metric}, {model}": "{metric}，{model}",
    "± {sd:.2f} over {runs} runs, {metric}, {model}": "± {sd:.2f}（{runs} 次），{metric}，{model}",
    "cleaning took": "清洗用时",
    "from files to documents": "从文件到文档",
    "training took": "训练用时",
    "{count} threads": "{count} 线程",
    "{count} processes": "{count} 进程",
    # the corpus
    "Corpus": "语料",
    "Corpus: {name}": "语料：{name}",
    "documents read": "读入文档",
    "documents kept": "保留文档",
    "{kept:,}, {share:.1%}": "{kept:,}，{share:.1%}",
    "bytes of text before and after": "文本字节数，清洗前后",
    "Chinese characters before and after": "汉字数，清洗前后",
    "By source": "按来源",
    "source": "来源",
    "read": "读入",
    "kept": "保留",
    "dropped": "剔除",
    "bytes kept": "保留字节",
    "% dropped": "剔除 %",
    "most dropped as": "主要剔除原因",
    "Lengths of the documents kept": "保留文档的长度",
    "characters": "字符数",
    "documents": "文档数",
    "document": "文档",
    "Dropped documents": "剔除的文档",
    "rule": "规则",
    "Changed documents": "修改过的文档",
    "cleaning step": "清洗步骤",
    "Not read": "未能读入",
    "file": "文件",
    "why": "原因",
    "why, and how often": "原因与次数",
    "Pairs of near duplicates": "近似重复对照",
    "What the one has and the other has not is marked.": "两篇不同之处已标出。",
    "similarity": "相似度",
    "which": "文档",
    "Samples before and after": "清洗前后样例",
    "before": "清洗前",
    "after": "清洗后",
    "Samples of what was dropped": "剔除样例",
    "begins with": "开头",
    "repeats {other}": "与 {other} 重复",
    "{value:.4g}, limit {threshold:.4g}": "{value:.4g}，界限 {threshold:.4g}",
    # tokenizer and shards
    "Tokenizer": "分词器",
    "Its corpus is not here, so that its coverage is not known.": "语料不在原处，无法测量覆盖率。",
    "How it fits its corpus": "与语料的契合",
    "characters per token": "每个词元的字符数",
    "coverage: characters that are in the vocabulary": "覆盖率：词表中有的字符",
    "[UNK] among the tokens": "词元中的 [UNK]",
    "words that are one token": "整词为一个词元",
    "words of two characters and more that are one token": "两字及以上的词为一个词元",
    "of the vocabulary occurs": "词表中出现过的比例",
    "Cut samples": "切分样例",
    "Frames are pieces; those of one word touch. What the vocabulary lacks is colored.": (
        "每个方框是一个词元，同一个词的方框相接；词表没有的着色。"
    ),
    "Token shards": "词元分片",
    "By split": "按划分",
    "split": "划分",
    "tokens": "词元",
    "samples": "样本",
    "bytes on disk": "磁盘字节数",
    "tokens in the longest sample": "最长样本的词元数",
    # training
    "Pretraining: {name}": "预训练：{name}",
    "The run is not complete.": "训练尚未完成。",
    "machine": "机器",
    "utilization": "利用率",
    "peak": "峰值",
    "the peak is that of": "峰值来自",
    "peak memory": "峰值内存",
    "of the time": "时间占比",
    "skipped updates": "跳过的更新",
    "rollbacks": "回退次数",
    "Config": "配置",
    "Comparison of runs": "训练对比",
    "Figures": "指标",
    "option": "选项",
    "What their configs differ in": "配置的不同之处",
    "Their configs do not differ.": "配置没有不同。",
    "steps": "步数",
    "parameters": "参数量",
    "validation loss": "验证损失",
    "below the unigram entropy by": "比一元熵低",
    "validation accuracy": "验证准确率",
    "time": "用时",
    "training": "训练",
    "validation": "验证",
    "unigram entropy": "一元熵",
    "Masked-LM loss": "掩码语言模型损失",
    "nats a masked token": "nat／被遮词元",
    "Masked accuracy": "掩码准确率",
    "share predicted right": "预测正确的比例",
    "Learning rate": "学习率",
    "learning rate": "学习率",
    "Gradient norm": "梯度范数",
    "before clipping": "裁剪之前",
    "Throughput": "吞吐量",
    "tokens a second": "每秒词元数",
    "Model-FLOPs utilization": "模型算力利用率（MFU）",
    "share of the peak": "占峰值的比例",
    "step": "步",
    "step {step:,}": "第 {step:,} 步",
    "Validation loss by source, the highest": "各来源的验证损失（最高的几个）",
    "Validation loss by source, nats a masked token": "各来源的验证损失，nat／被遮词元",
    "Spikes": "损失尖峰",
    "loss": "损失",
    "median before": "此前中位数",
    "its loss": "该文本的损失",
    "text": "文本",
    "not finite": "非有限值",
    "Losses far above those before them: {count:,}, of which the last {shown}": (
        "远高于此前的损失：共 {count:,} 处，列出最后 {shown} 处"
    ),
    "Fill-mask examples": "填空示例",
    "What the model puts in the place of [MASK], likeliest first": "模型在 [MASK] 处的预测，按概率排列",
    "guess {number}": "第 {number} 候选",
    # evaluation
    "Evaluation: {name}": "评测：{name}",
    "Hidden characters": "被遮字",
    "model": "模型",
    "task": "任务",
    "tasks": "任务数",
    "rows scored": "评分条数",
    "Scores, mean ± standard deviation over the runs": "得分，多次的均值 ± 标准差",
    "Published scores on dev, not measured here": "已发表的 dev 得分（非本次测得）",
    "Averages": "平均分",
    "average": "平均分",
    "score": "得分",
    "difference": "差",
    "95% interval": "95% 置信区间",
    "drawn": "图示",
    "p after Holm": "p（Holm 校正）",
    "Less {model}, by paired bootstrap; the line is zero": "与 {model} 之差，配对自助法；竖线为零",
    "{task} on dev": "{task}，dev 集",
    "epoch": "轮",
    "{model}, seed {seed}: what was taken for what": "{model}，种子 {seed}：混淆矩阵",
    "{model}, seed {seed}: the commonest confusions": "{model}，种子 {seed}：最常见的混淆",
    "right ╲ predicted": "正确 ╲ 预测",
    "right": "正确",
    "predicted": "预测",
    "rows": "条数",
    "confidence": "置信度",
    "{model}: its most confident mistakes": "{model}：最自信的错误",
    # speed
    "Speed": "速度",
    "Sizes": "规模",
    "{device}, {threads} threads, {precision}; matrix product {peak:,.0f} GFLOP/s; "
    "medians of {rounds} rounds in turns.": (
        "{device}，{threads} 线程，{precision}；矩阵乘 {peak:,.0f} GFLOP/s；轮流 {rounds} 轮的中位数。"
    ),
    "parameters as a classifier": "作为分类器的参数量",
    "vocabulary": "词表",
    "tokens in a row": "每行词元数",
    "length": "长度",
    "{model} compiled": "{model}（已编译）",
    "{model}'s speed over its": "{model} 的速度为其",
    "{model}'s FLOPs over its": "{model} 的 FLOPs 为其",
    "of the matrix product's rate": "占矩阵乘速率",
    "peak MB": "峰值 MB",
}
"""By the English texts."""
_NAMES = {
    # the tokenizer's report
    "type": "类型",
    "vocab_size": "词表大小",
    "corpus_characters": "语料字符数",
    "sampled_characters": "抽样字符数",
    "character_coverage": "字符覆盖率",
    # splits
    "train": "训练",
    "validation": "验证",
    # a run's closing figures
    "data sheet": "数据手册",
    "a matrix product, measured before the first step": "第一步之前实测的矩阵乘",
    "loader": "等待数据",
    "logs": "写日志",
    "checkpoints": "存检查点",
    # units
    "second": "秒",
    "seconds": "秒",
    "minute": "分钟",
    "minutes": "分钟",
    "hour": "小时",
    "hours": "小时",
    "day": "天",
    "days": "天",
    # speed
    "forward": "前向",
    "training": "训练",
}
CHINESE: Mapping[str, str] = {**CHINESE_TERMS, **_NAMES, **TEXTS}
"""Of a text that is a name too, the text is what counts."""
